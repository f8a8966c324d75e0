"""Our server with everything in memory; publishes events when told to on stdin."""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

import attrs
from aiohttp import web

from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.identity import FolderName
from aniworld_core.events import DownloadFailed
from aniworld_core.testing.factories import START, make_claim, make_item
from aniworld_core.testing.fakes import FakeHasher, FakeInspector, MemoryConfigStore
from aniworld_core.testing.memory import MemoryStorage
from aniworld_http.app import make_app
from aniworld_http.keys import AUTHENTICATOR
from aniworld_http.settings import HttpSettings
from aniworld_http.websocket import HUB

PASSWORD = "Correct-Horse-7"
FAILED = make_item(1).start(make_claim()).fail(Failure(kind="k", message=""), START)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), anime_directory=Path(folder))
        async with open_application(
            settings,
            storage=MemoryStorage(),
            loaders=[],
            resolvers=[],
            fetchers=[],
            inspector=FakeInspector(),
            config_store=MemoryConfigStore(),
        ) as application:
            await serve(application)


async def serve(application: Application) -> None:
    app = make_app(application, HttpSettings(secret_key=b"k" * 32), hasher=FakeHasher())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
    await site.start()
    await app[AUTHENTICATOR].password.set_up(PASSWORD)
    token = (await app[AUTHENTICATOR].sign_in(PASSWORD)).token
    print(json.dumps({"port": runner.addresses[0][1], "path": "/ws/connect", "token": token}))
    sys.stdout.flush()
    async for command in commands():
        amount, burst, pause = int(command[0]), int(command[1]), float(command[2])
        cpu = time.process_time()
        for _ in range(amount // burst):
            for _ in range(burst):
                await application.bus.publish(event())
            if pause:
                await asyncio.sleep(pause)
            else:
                await handed_over(app)
        report = {"held": held(app), "clients": len(app[HUB].clients)}
        print(json.dumps({"cpu": time.process_time() - cpu, **report}), flush=True)
    await runner.cleanup()


async def handed_over(app: web.Application) -> None:
    """Send now what was published: the hub's ticks would join all of it in a few writes."""
    while not app[HUB].has_news:
        await asyncio.sleep(0)
    app[HUB].flush()


def held(app: web.Application) -> int:
    sizes = [c.buffered for c in app[HUB].clients]
    return max(sizes, default=0)


def event() -> DownloadFailed:
    text = f"@{time.monotonic():018.6f}@".ljust(90, ".")
    failure = Failure(kind="bench", message=text)
    return DownloadFailed(
        item=attrs.evolve(FAILED, failure=failure), folder=FolderName("F"), at=START
    )


async def commands():
    while line := await asyncio.to_thread(sys.stdin.readline):
        yield line.split()


asyncio.run(main())
