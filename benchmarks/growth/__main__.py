"""Cost of reads of the library and of the history, by the number of stored rows.

The application runs in this process with the command's own storage. Each cell is the least
processor time of some rounds, and the number of SQLite instructions of one call, which does not
depend on the load of the machine.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.automation import (
    Actor,
    ActorKind,
    HistoryEntry,
    HistoryKind,
    HistoryQuery,
)
from aniworld_core.domain.catalogue import SeriesFilter, SeriesQuery
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.testing.factories import at, make_series
from aniworld_sqlite import SqliteStorage, open_storage
from aniworld_sqlite._repositories.series import _add

#: Instructions between two counts.
_STEP = 50
_BATCH = 10_000
Call = Callable[[Application, int], Awaitable[object]]

LIBRARY: dict[str, Call] = {
    "page of 50": lambda app, _: app.overview.find(SeriesQuery(limit=50)),
    "page of 50 in the middle": lambda app, n: app.overview.find(
        SeriesQuery(limit=50, offset=n // 2)
    ),
    "page of 50, incomplete": lambda app, _: app.overview.find(
        SeriesQuery(limit=50, filter=SeriesFilter.MISSING)
    ),
    "search, page of 50": lambda app, n: app.overview.find(
        SeriesQuery(limit=50, search=f"{n - 1:06}")
    ),
    "totals": lambda app, _: app.overview.totals(SeriesQuery()),
    "one series": lambda app, n: app.storage.series.get(SeriesKey(f"series-{n - 1:06}")),
    "full list": lambda app, _: app.overview.find(SeriesQuery()),
}
HISTORY: dict[str, Call] = {
    "page of 50": lambda app, _: app.history.find(HistoryQuery(limit=50)),
    "page of 50, one kind": lambda app, _: app.history.find(
        HistoryQuery(limit=50, kinds=frozenset({HistoryKind.ADDED}))
    ),
    "page of 50, one series": lambda app, _: app.history.find(
        HistoryQuery(limit=50, key=SeriesKey("series-000001"))
    ),
    "add one": lambda app, n: app.storage.history.add([_entry(n)]),
}


class Cost(NamedTuple):
    """Cost of one call."""

    milliseconds: float
    instructions: int

    def __str__(self) -> str:
        return f"{self.milliseconds:.2f} ({self.instructions:,})"


def _entry(number: int) -> HistoryEntry:
    series = number % 1000
    kind = (HistoryKind.COMPLETED, HistoryKind.QUEUED, HistoryKind.ADDED)[number % 3]
    return HistoryEntry(
        kind=kind,
        at=at(number),
        by=Actor(ActorKind.PROGRAM),
        title=f"Series {series}",
        key=SeriesKey(f"series-{series:06}"),
    )


@contextmanager
def _counted(storage: SqliteStorage) -> Iterator[list[int]]:
    """Count the instructions of all connections of a storage, in steps."""
    database, counts = storage._database, [0]

    def count() -> int:
        counts[0] += _STEP
        return 0

    drivers = [d for d in (database._main.driver, database._reader.driver) if d is not None]
    for driver in drivers:
        driver.set_progress_handler(count, _STEP)
    try:
        yield counts
    finally:
        for driver in drivers:
            driver.set_progress_handler(None, 0)


async def _cost(call: Callable[[], Awaitable[object]], storage: SqliteStorage, rounds: int) -> Cost:
    await call()
    with _counted(storage) as counts:
        await call()
    times = []
    for _ in range(rounds):
        before = time.process_time()
        await call()
        times.append(time.process_time() - before)
    return Cost(min(times) * 1000, counts[0])


async def _fill(storage: SqliteStorage, amount: int, *, history: bool) -> None:
    for first in range(0, amount, _BATCH):
        numbers = range(first, min(first + _BATCH, amount))
        if history:
            await storage.history.add([_entry(number) for number in numbers])
            continue
        await storage._database.write(
            lambda connection, numbers=numbers: [
                _add(connection, make_series(f"series-{n:06}", episodes=1 + (n % 100 == 0)))
                for n in numbers
            ]
        )


async def _measure(amount: int, rounds: int, *, history: bool) -> dict[str, Cost]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder, "data"), anime_directory=Path(folder))
        async with open_storage(f"sqlite:///{folder}/aniworld.db") as storage:
            await _fill(storage, amount, history=history)
            async with open_application(
                settings, storage=storage, loaders=(), resolvers=(), fetchers=(),
                metadata_sources=(),
            ) as app:  # fmt: skip
                found = {}
                for name, call in (HISTORY if history else LIBRARY).items():
                    found[name] = await _cost(lambda call=call: call(app, amount), storage, rounds)
        begun = time.process_time()
        async with open_storage(f"sqlite:///{folder}/aniworld.db"):
            found["open the database"] = Cost((time.process_time() - begun) * 1000, 0)
        return found


def _print_table(title: str, columns: dict[int, dict[str, Cost]]) -> None:
    sizes = list(columns)
    print(f"| {title} | " + " | ".join(f"{size:,}" for size in sizes) + " |")
    print("| --- |" + " ---: |" * len(sizes))
    for name in columns[sizes[0]]:
        print(f"| {name} | " + " | ".join(str(columns[size][name]) for size in sizes) + " |")
    print()


def main() -> None:
    """Print a table for the library and one for the history."""
    parser = argparse.ArgumentParser(prog="benchmarks/growth", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10_000, 100_000])
    parser.add_argument("--history", type=int, nargs="+", default=[100, 10_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    for title, sizes, history in (
        ("library, series", given.sizes, False),
        ("history, entries", given.history, True),
    ):
        columns = {}
        for size in sizes:
            print(f"{title}: {size}", file=sys.stderr)
            columns[size] = asyncio.run(_measure(size, given.rounds, history=history))
        _print_table(title, columns)


if __name__ == "__main__":
    main()
