"""Two servers behind the nginx of deploy/cluster, and a worker: each server is restarted."""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path

import anyio
import attrs
import pytest
from aiohttp import ClientSession

from providers.faults.films import MIB
from support.cluster_proxy import proxied
from support.installed import find_command
from support.server_process import (
    KEY,
    PATIENCE,
    Attic,
    ServerProcess,
    open_attic,
    started,
)
from support.thorough import ONLY_THOROUGH

pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH, pytest.mark.external_service]

CODES = tuple(f"S01E{number:02}" for number in range(1, 7))


def _variables(folder: Path, url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "JWT_SECRET_KEY": "x" * 32,
        "ANIME_DIRECTORY": str(folder / "library"),
        "ANIWORLD_TRUSTED_PROXIES": "127.0.0.1",
    }


@attrs.define
class Server:
    """A server that can be started again at the same address."""

    folder: Path
    url: str
    attic: Attic
    port: int
    process: ServerProcess = attrs.field(init=False)
    _stack: AsyncExitStack = attrs.field(factory=AsyncExitStack, init=False)

    async def start(self) -> None:
        """Start it."""
        variables = _variables(self.folder.parent, self.url)
        variables["ANIWORLD_PORT"] = str(self.port)
        command = (find_command(), "serve", "--web-only")
        running = started(self.folder, self.attic, command=command, variables=variables)
        self.process = await self._stack.enter_async_context(running)

    async def restart(self) -> None:
        """End it as an update does, and start it again."""
        self.process.terminate()
        assert await self.process.ended(PATIENCE) == 0
        await self.stop()
        await self.start()

    async def stop(self) -> None:
        """Leave the process."""
        await self._stack.aclose()


@asynccontextmanager
async def _worker(folder: Path, url: str) -> AsyncIterator[None]:
    environment = {**os.environ, **_variables(folder, url)}
    environment["ANIWORLD_DATA_DIR"] = str(folder / "worker")
    process = await asyncio.create_subprocess_exec(
        find_command(), "worker", "--slots", "2",
        env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
        process.terminate()
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket()) for _ in range(number)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [int(listener.getsockname()[1]) for listener in listeners]


async def _counts(proxy: ServerProcess) -> dict[str, int]:
    found: dict[str, int] = (await proxy.ask("GET", "health/detailed"))["queue"]["items"]
    return found


async def _answers(proxy: ServerProcess, seen: list[str]) -> None:
    """Ask through nginx again and again: every request has to succeed."""
    while True:
        await proxy.ask("GET", "api/queue/summary")
        seen.append("answer")
        await anyio.sleep(0.02)


async def _progress(proxy: ServerProcess, seen: set[str]) -> None:
    """Read a WebSocket through nginx, as a page: connect again when a server ends it."""
    while True:
        connection = await proxy.listen()
        async for message in connection:
            found = message.json()
            if found["type"] == "download_progress":
                seen.add(found["data"]["download_id"])


async def test_no_item_is_lost_or_doubled_while_both_servers_are_restarted(
    tmp_path: Path, url: str
) -> None:
    """No request fails, the socket shows the worker's progress, and each film is fetched once."""
    (tmp_path / "library").mkdir()
    (tmp_path / "nginx").mkdir()
    (tmp_path / "worker").mkdir()
    port, *others = _free_ports(3)
    answers: list[str] = []
    shown: set[str] = set()
    async with AsyncExitStack() as stack:
        attic = await stack.enter_async_context(open_attic(CODES, size=2 * MIB))
        attic.slow_down()
        servers = [
            Server(tmp_path / f"server-{n}", url, attic, each) for n, each in enumerate(others)
        ]
        for server in servers:
            server.folder.mkdir()
            stack.push_async_callback(server.stop)
            await server.start()
        await servers[0].process.sign_in()
        address = await stack.enter_async_context(
            proxied(tmp_path / "nginx", port, (others[0], others[1]))
        )
        client = await stack.enter_async_context(ClientSession())
        proxy = attrs.evolve(servers[0].process, address=address, client=client, sockets=[])
        stack.push_async_callback(proxy.hang_up)
        link = f"http://{attic.server.address}/Cowboy%20Bebop/"
        await proxy.ask("POST", "api/anime/add", {"link": link})
        added = await proxy.ask("POST", "api/queue/add", {"serie_id": KEY, "episodes": list(CODES)})
        async with _worker(tmp_path, url), anyio.create_task_group() as tasks:
            tasks.start_soon(_answers, proxy, answers)
            tasks.start_soon(_progress, proxy, shown)
            with anyio.fail_after(PATIENCE):
                while not shown:
                    await anyio.sleep(0.02)
                for server in servers:
                    await server.restart()
                while (await _counts(proxy))["completed"] < len(CODES):
                    await anyio.sleep(0.1)
            tasks.cancel_scope.cancel()
        counts = await _counts(proxy)

    fetched = Counter(hit.path for hit in attic.server.log if hit.path in attic.films())
    assert counts["completed"] == len(CODES)
    assert counts["failed"] == counts["pending"] == 0
    assert set(fetched) == set(attic.films())
    assert shown == {item["id"] for item in added["items"]}
    assert len(answers) > len(CODES)
    assert attic.server.sent() < (len(CODES) + 0.5) * 2 * MIB
