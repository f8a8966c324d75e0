"""The time of calls of the storage on PostgreSQL and on SQLite, in turns, with a long queue."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.domain.downloads import Claim, DownloadStatus, ItemQuery, Progress
from aniworld_core.domain.identity import EpisodeRef, SeriesKey, WorkerId
from aniworld_core.ports.storage import Storage
from aniworld_core.testing.factories import make_item, make_series
from aniworld_postgres import open_storage as open_postgres
from aniworld_sqlite import open_storage as open_sqlite
from support.postgres_server import serve_postgres

PER_SERIES = 100
BATCH = 2000
ROUNDS = 500
WORKER = WorkerId("benchmark")


class Calls:
    """The calls of a worker and of pages."""

    def __init__(self, storage: Storage) -> None:
        self.storage, self.clock = storage, storage.clock(SystemClock())
        self.held: list = []

    async def claim(self) -> None:
        item = await self.storage.queue.claim_next(self._claim())
        assert item is not None
        self.held.append(item)

    async def renew(self) -> None:
        await self.storage.queue.renew(self.held[-1].id, self._claim())

    async def progress(self) -> None:
        progress = Progress(downloaded_bytes=len(self.held))
        await self.storage.queue.record_progress(self.held[-1].id, progress, worker=WORKER)

    async def complete(self) -> None:
        item = await self.storage.queue.get(self.held[-1].id)
        await self.storage.queue.save(item.complete(self.clock.now(), "a/b.mp4", None, ()))

    async def get(self) -> None:
        await self.storage.queue.get(self.held[0].id)

    async def page(self) -> None:
        pending = frozenset({DownloadStatus.PENDING})
        await self.storage.queue.page(ItemQuery(statuses=pending, limit=50))

    async def counts(self) -> None:
        await self.storage.queue.counts()

    async def revision(self) -> None:
        await self.storage.queue.revision()

    async def series(self) -> None:
        await self.storage.series.get(SeriesKey("series-00000"))

    def _claim(self) -> Claim:
        return Claim.lasting(WORKER, self.clock.now(), timedelta(minutes=10))

    def named(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """Return the calls of one round, in their order."""
        return {
            "claim the next item": self.claim,
            "renew a claim": self.renew,
            "store progress": self.progress,
            "read and complete an item": self.complete,
            "read an item": self.get,
            "page of 50 waiting items": self.page,
            "counts": self.counts,
            "revision": self.revision,
            "read a series of 100 episodes": self.series,
        }


async def run_calls(folder: Path, amount: int) -> int:
    """Print the times."""
    with serve_postgres({"fsync": "on", "autovacuum": "on", "shared_buffers": "128MB"}) as server:
        async with (
            open_postgres(server.url("postgres")) as postgres,
            open_sqlite(f"sqlite:///{folder}/aniworld.db") as sqlite,
        ):
            for storage in (sqlite, postgres):
                await _fill(storage, amount)
            server.execute("VACUUM ANALYZE")
            times = await _measure(Calls(sqlite), Calls(postgres))
    print(f"with {amount:,} items waiting; milliseconds\n")
    print("| call | SQLite | PostgreSQL | ratio | p99 SQLite | p99 PostgreSQL |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, (ours, theirs) in times.items():
        medians = [statistics.median(each) * 1000 for each in (ours, theirs)]
        tails = [sorted(each)[int(len(each) * 0.99)] * 1000 for each in (ours, theirs)]
        cells = [*(f"{each:.2f}" for each in medians), f"{medians[1] / medians[0]:.1f}"]
        print(f"| {name} | {' | '.join([*cells, *(f'{each:.1f}' for each in tails)])} |")
    return 0


async def _fill(storage: Storage, amount: int) -> None:
    keys = [SeriesKey(f"series-{number:05}") for number in range(-(-amount // PER_SERIES))]
    for key in keys:
        await storage.series.add(make_series(key, episodes=PER_SERIES))
    items = [
        make_item(n, episode=EpisodeRef(keys[n // PER_SERIES], 1, n % PER_SERIES + 1))
        for n in range(amount)
    ]
    for first in range(0, amount, BATCH):
        await storage.queue.add(items[first : first + BATCH])


async def _measure(sqlite: Calls, postgres: Calls) -> dict[str, tuple[list[float], list[float]]]:
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in sqlite.named()}
    for number in range(ROUNDS):
        for place, calls in enumerate((sqlite, postgres)):
            for name, call in calls.named().items():
                begun = time.perf_counter()
                await call()
                if number >= ROUNDS // 50:
                    times[name][place].append(time.perf_counter() - begun)
        await asyncio.sleep(0)
    return times
