"""Time of the queue's operations with 100, 10,000 and 100,000 items in it.

Each size is a database of its own, filled with items of many series in all statuses. The server
runs in this process with the command's own storage, and answers on a real socket.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import aiohttp

from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.downloads import Claim, DownloadItem, DownloadStatus
from aniworld_core.domain.identity import EpisodeRef, SeriesKey, WorkerId
from aniworld_core.testing.factories import at, make_item, make_series
from aniworld_core.testing.fakes import FakeHasher
from aniworld_http.app import make_app
from aniworld_http.keys import AUTHENTICATOR
from aniworld_http.lifespan import serving
from aniworld_http.security.rate_limits import REQUEST_COUNTER, RateLimits, RequestCounter
from aniworld_http.settings import HttpSettings

PASSWORD = "Correct-Horse-7"
EPISODES = 100
WORKER = WorkerId("benchmark")
LEASE = timedelta(seconds=60)
STATUSES = (DownloadStatus.PENDING, DownloadStatus.COMPLETED, DownloadStatus.FAILED)


class Times(NamedTuple):
    """Milliseconds of one operation."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} ({self.cpu:.1f})"


def items(amount: int, *, waiting: bool) -> list[DownloadItem]:
    """Make items of as many series as are needed."""
    return [
        make_item(
            n,
            episode=EpisodeRef(SeriesKey(f"series-{n // EPISODES:05}"), 1, n % EPISODES + 1),
            status=DownloadStatus.PENDING if waiting else STATUSES[n % 3],
            not_before=at(10**9) if waiting else None,
            added_at=at(n),
            completed_at=at(n),
        )
        for n in range(amount)
    ]


async def timed(work: Callable[[int], Awaitable[object]], rounds: int) -> Times:
    """Return the medians of the times of some rounds; the first round is not counted."""
    times = []
    for number in range(rounds + 1):
        wall, cpu = time.perf_counter(), time.process_time()
        await work(number)
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    walls, cpus = zip(*times[1:], strict=True)
    return Times(statistics.median(walls) * 1000, statistics.median(cpus) * 1000)


async def measure(amount: int, rounds: int) -> dict[str, Times]:
    """Measure a queue of one size."""
    found: dict[str, Times] = {}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        data.mkdir()
        # A scan of the library would compete with the answers.
        (data / "config.json").write_text('{"scheduler": {"enabled": false}}')
        settings = Settings(data_dir=data, anime_directory=Path(folder))
        async with open_application(settings, loaders=[], resolvers=[], fetchers=[]) as app:
            for number in range(amount // EPISODES):
                await app.storage.series.add(make_series(f"series-{number:05}", episodes=EPISODES))
            await app.storage.series.add(make_series("added", episodes=1000))
            queue = app.storage.queue
            await queue.add(items(amount, waiting=False))
            await app.others.look()
            http = HttpSettings(secret_key=b"k" * 32, port=0)
            server = make_app(app, http, hasher=FakeHasher())
            server[REQUEST_COUNTER] = RequestCounter(RateLimits(identified=1_000_000))
            async with serving(server, _ignore) as address:
                await server[AUTHENTICATOR].password.set_up(PASSWORD)
                token = (await server[AUTHENTICATOR].sign_in(PASSWORD)).token
                await app.worker.stop()
                await app.switch.set_stopped(is_stopped=True)
                found |= await measure_http(address.rstrip("/"), token, rounds)

            async def claim(_: int) -> None:
                item = await queue.claim_next(Claim.lasting(WORKER, app.clock.now(), LEASE))
                assert item is not None

            async def look(_: int) -> None:
                await queue.release_held_by(WORKER)
                await app.others.look()

            found["claim"] = await timed(claim, rounds)
            found["another process's change"] = await timed(look, 5)
            await queue.clear(DownloadStatus.PENDING)
            await queue.clear(DownloadStatus.COMPLETED)
            found["idle, nothing pending"] = await timed(lambda _: idle(app), rounds)
            await queue.clear(DownloadStatus.FAILED)
            await queue.add(items(amount, waiting=True))
            found["idle, all items wait"] = await timed(lambda _: idle(app), rounds)
    return found


async def idle(app: Application) -> None:
    """Do what an idle worker does every second."""
    now, queue = app.clock.now(), app.storage.queue
    assert await queue.claim_next(Claim.lasting(WORKER, now, LEASE)) is None
    await queue.next_claim_at(now)
    await queue.counts()


async def measure_http(address: str, token: str, rounds: int) -> dict[str, Times]:
    """Measure requests over one connection."""
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def get(path: str) -> None:
            async with session.get(f"{address}{path}") as answer:
                assert answer.status == 200, await answer.text()
                await answer.read()

        async def get_page(query: str, _: int) -> None:
            await get(f"/api/queue/items?{query}")

        async def add(number: int) -> None:
            body = {"serie_id": "added", "episodes": [f"S01E{number + 1:02}"]}
            async with session.post(f"{address}/api/queue/add", json=body) as answer:
                assert answer.status == 201, await answer.text()
                await answer.read()

        async def status(number: int) -> None:
            await add(500 + number)  # otherwise the encoded answer is sent again
            await get("/api/queue/status")

        pages = {
            "page of 50": "limit=50",
            "page of 50, one status": "limit=50&status=pending",
            "page of 50, two statuses": "limit=50&status=failed&status=completed",
            "page of 50, one series": "limit=50&serie_id=series-00000",
        }
        found = {
            name: await timed(partial(get_page, query), rounds) for name, query in pages.items()
        }
        found["add an episode"] = await timed(add, rounds)
        found["add, then status"] = await timed(status, 9)
        found["search, page of 50"] = await timed(
            lambda _: get("/api/queue/items?limit=50&search=e07"), 3
        )
    return found


def _ignore(*_: object) -> None:
    """Take no note of the server's start."""


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=60)
    given = parser.parse_args()
    columns = [asyncio.run(measure(size, given.rounds)) for size in given.sizes]
    print(
        "| milliseconds, of which processor | "
        + " | ".join(f"{size:,} items" for size in given.sizes)
        + " |"
    )
    print("| --- |" + " ---: |" * len(columns))
    for name in columns[0]:
        print(f"| {name} | " + " | ".join(str(column[name]) for column in columns) + " |")


if __name__ == "__main__":
    main()
