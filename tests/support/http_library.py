"""A server with some series in its library, with running scans and queue."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import attrs
from aiohttp import web

from aniworld_core.domain.catalogue import Series, Titles
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.media import GER_DUB, GER_SUB
from aniworld_core.testing.factories import make_episode, make_series
from aniworld_core.testing.fakes import FakeClock, FakeLoader
from aniworld_http.keys import APPLICATION
from aniworld_http.queue_runner import QUEUE_RUNNER
from support.http_stage import Server, open_server

KEY = "attack-on-titan"
FOLDER = "Attack on Titan (2013)"
LINK = f"https://fake.invalid/{KEY}"


class RestingClock(FakeClock):
    """Clock whose time never changes; a sleep only lets other tasks run."""

    async def sleep(self, delay: timedelta) -> None:
        """Let other tasks run, whatever the delay."""
        self.slept.append(delay)
        await anyio.sleep(0.001)


def titan(**changes: Any) -> Series:
    """Return a series of the fake catalogue: two seasons, a film, an announced episode."""
    series = make_series(
        KEY,
        name="Attack on Titan",
        site="fake.invalid",
        provider="fake",
        folder=FolderName(FOLDER),
        link=LINK,
        year=2013,
        description="Giants and walls.",
        episodes=[
            make_episode(1, season=0),
            make_episode(1, titles=Titles(de="An dich, in 2000 Jahren", en="To You")),
            make_episode(2, languages=frozenset({GER_SUB, GER_DUB})),
            make_episode(3, available=False),
            make_episode(1, season=2),
        ],
    )
    return attrs.evolve(series, **changes)


def other(key: str, name: str, **changes: Any) -> Series:
    """Return another series of the fake catalogue."""
    series = make_series(
        key,
        name=name,
        site="fake.invalid",
        provider="fake",
        folder=FolderName(name),
        link=f"https://fake.invalid/{key}",
    )
    return attrs.evolve(series, **changes)


async def _work(app: web.Application) -> AsyncIterator[None]:
    application = app[APPLICATION]
    tasks = [
        asyncio.create_task(work) for work in (application.scans.run(), application.jobs.run())
    ]
    yield
    await app[QUEUE_RUNNER].stop()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


@asynccontextmanager
async def open_library(
    folder: Path, *stored: Series, offered: Sequence[Series] = (), **options: Any
) -> AsyncIterator[Server]:
    """Serve a library with some series; the catalogue has them and others."""
    loader = FakeLoader(series=[*stored, *offered])
    async with open_server(
        folder,
        loaders=[loader],
        clock=RestingClock(),
        configure=lambda app: app.cleanup_ctx.append(_work),
        **options,
    ) as server:
        for series in stored:
            await server.stage.app.catalogue.add(series.link)
        yield server


async def key_of(server: Server, name: str) -> SeriesKey:
    """Return the key of a series of the library by its name."""
    page = await server.stage.app.catalogue.list()
    return next(summary.key for summary in page.items if summary.name == name)
