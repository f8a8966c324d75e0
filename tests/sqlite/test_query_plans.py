"""Queue queries use indexes and sort nothing, so their cost does not grow with the queue."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from aniworld_core.domain.catalogue import SeriesFilter, SeriesQuery, SeriesSort
from aniworld_core.domain.downloads import DownloadStatus, ItemQuery
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.testing import KEY, at, make_claim, make_item, make_item_id, make_series
from aniworld_sqlite import SqliteStorage, open_storage

pytestmark = pytest.mark.anyio

PENDING, FAILED = DownloadStatus.PENDING, DownloadStatus.FAILED


@pytest.fixture
async def storage() -> AsyncIterator[SqliteStorage]:
    """Return a database with one series and a few items."""
    async with open_storage("sqlite://") as opened:
        await opened.series.add(make_series(episodes=20))
        await opened.queue.add(
            [make_item(n, episode=EpisodeRef(KEY, 1, n)) for n in range(1, 10)]
            + [make_item(99, status=DownloadStatus.DOWNLOADING, episode=EpisodeRef(KEY, 1, 20))]
        )
        yield opened


@contextmanager
def _recorded(storage: SqliteStorage) -> Iterator[list[tuple[str, Any]]]:
    """Record every statement with its parameters."""
    connection = storage._database._main.connection
    assert connection is not None
    statements: list[tuple[str, Any]] = []

    def note(_c: object, _k: object, statement: str, values: Any, *_: object) -> None:
        statements.append((statement, values))

    sa.event.listen(connection.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(connection.engine, "before_cursor_execute", note)


async def _plans(
    storage: SqliteStorage, call: Callable[[SqliteStorage], Awaitable[object]]
) -> list[str]:
    """Return the query plan steps of all statements of a call."""
    with _recorded(storage) as statements:
        await call(storage)
    driver = storage._database._main.driver
    assert driver is not None
    return [
        str(step[3])
        for statement, values in statements
        if re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT|WITH)", statement)
        for each in (values if isinstance(values, list) else [values])
        for step in driver.execute(f"EXPLAIN QUERY PLAN {statement}", each)
    ]


CALLS: dict[str, Callable[[SqliteStorage], Awaitable[object]]] = {
    "page": lambda s: s.queue.page(ItemQuery(limit=5)),
    "page of a status": lambda s: s.queue.page(
        ItemQuery(limit=5, statuses=frozenset({PENDING}), offset=2)
    ),
    "page of two statuses": lambda s: s.queue.page(
        ItemQuery(limit=5, statuses=frozenset({PENDING, FAILED}))
    ),
    "page of a series": lambda s: s.queue.page(ItemQuery(limit=5, series_keys=frozenset({KEY}))),
    "overview": lambda s: s.queue.overview(tuple(DownloadStatus), limit=5),
    "counts": lambda s: s.queue.counts(),
    "entries": lambda s: s.queue.entries([make_item_id(1)]),
    "open items": lambda s: s.queue.open_items([EpisodeRef(KEY, 1, n) for n in range(3)]),
    "prefix": lambda s: s.queue.find(id_prefix="0000", limit=2),
    "claim": lambda s: s.queue.claim_next(make_claim()),
    "claim one of": lambda s: s.queue.claim_next(make_claim(), only=[make_item_id(3)]),
    "next claim": lambda s: s.queue.next_claim_at(at(0)),
    "next claim of": lambda s: s.queue.next_claim_at(at(0), only=[make_item_id(3)]),
    "changes": lambda s: s.queue.changes_since(3),
    "add": lambda s: s.queue.add([make_item(50, episode=EpisodeRef(KEY, 9, 9))]),
    "get": lambda s: s.queue.get(make_item_id(1)),
    "move first": lambda s: s.queue.move_first([make_item_id(4)]),
    "remove": lambda s: s.queue.remove([make_item_id(5)]),
    "prune": lambda s: s.queue.prune(status=FAILED, keep=3),
    "release expired": lambda s: s.queue.release_expired(at(10**6)),
    "release held": lambda s: s.queue.release_held_by(make_claim().worker),
}
#: Permitted scans: rows given in the call, the totals (one row per status), the change log (at most
#: 1,000 rows), and the first row of an index.
_SHORT = re.compile(
    r"SCAN (queue_total|queue_change|anon_\d+|\(subquery-\d+\)|CONSTANT ROW"
    r"|download_queue_item USING INDEX ix_download_queue_item_ready)"
)
ORDER, READY = "ix_download_queue_item_order (status=?)", "ix_download_queue_item_ready"
KEY_OF_ITEMS = "sqlite_autoindex_download_queue_item_1"
#: The index that each call uses.
INDEXES = {
    "page": ORDER,
    "page of a status": ORDER,
    "page of two statuses": ORDER,
    "page of a series": "ix_download_queue_item_series (serie_id=? AND status=?)",
    "overview": "ix_download_queue_item_newest (status=?)",
    "entries": f"{KEY_OF_ITEMS} (id=?)",
    "open items": "uq_download_queue_item_open_episode (serie_id=? AND season=? AND episode=?)",
    "prefix": f"{KEY_OF_ITEMS} (id>? AND id<?)",
    "claim": READY,
    "claim one of": f"{KEY_OF_ITEMS} (id=?)",
    "next claim": READY,
    "wake": "ix_download_queue_item_waiting (waits_until<?)",
    "move first": "ix_download_queue_item_order (status=? AND priority=?)",
    "release expired": ORDER,
}


@pytest.mark.parametrize("name", CALLS)
async def test_no_call_reads_the_whole_queue(storage: SqliteStorage, name: str) -> None:
    """No statement scans items, series or episodes."""
    steps = await _plans(storage, CALLS[name])

    assert steps
    assert [s for s in steps if s.startswith("SCAN") and not _SHORT.match(s)] == []


@pytest.mark.parametrize("name", INDEXES)
async def test_each_call_uses_its_index(storage: SqliteStorage, name: str) -> None:
    """Each call reads its items in index order, without sorting."""
    steps = await _plans(storage, CALLS.get(name, CALLS["claim"]))

    assert [step for step in steps if INDEXES[name] in step]
    if name.startswith("page"):
        # Only the joined rows of the page are sorted.
        assert sum("TEMP B-TREE" in step for step in steps) == 1
    if name == "claim":
        assert not [step for step in steps if "TEMP B-TREE" in step]


async def _steps(storage: SqliteStorage, call: Callable[[SqliteStorage], Awaitable[object]]) -> int:
    """Return the number of instructions that SQLite executes in a call."""
    driver = storage._database._main.driver
    assert driver is not None
    executed = 0

    def count() -> None:
        nonlocal executed
        executed += 1

    await call(storage)
    driver.set_progress_handler(count, 1)
    try:
        await call(storage)
    finally:
        driver.set_progress_handler(None, 1)
    return executed


async def test_the_work_does_not_grow_with_the_queue() -> None:
    """The number of instructions does not depend on the length of the queue."""
    found: list[dict[str, int]] = []
    for amount in (150, 3_000):
        async with open_storage("sqlite://") as storage:
            statuses = [PENDING, FAILED, DownloadStatus.COMPLETED]
            await storage.queue.add(
                [
                    make_item(n, episode=EpisodeRef(KEY, n // 100, n), status=statuses[n % 3])
                    for n in range(amount)
                ]
            )
            last = ItemQuery(limit=50, offset=amount - 50)
            calls: dict[str, Callable[[SqliteStorage], Awaitable[object]]] = {
                "page": lambda s: s.queue.page(ItemQuery(limit=50)),
                "last page": lambda s, query=last: s.queue.page(query),  # type: ignore[misc]
                "counts": lambda s: s.queue.counts(),
                "claim": lambda s: s.queue.claim_next(make_claim()),
                "next claim": lambda s: s.queue.next_claim_at(at(0)),
                "overview": lambda s: s.queue.overview(tuple(DownloadStatus), limit=20),
            }
            found.append({name: await _steps(storage, call) for name, call in calls.items()})

    small, large = found
    assert {name for name in small if large[name] > 1.2 * small[name]} == set()


PAGES = {
    SeriesSort.NAME: "anime_series USING INDEX ix_anime_series_name",
    SeriesSort.ADDED: "anime_series USING INDEX ix_anime_series_added",
}


@pytest.mark.parametrize("sort", PAGES)
async def test_a_page_of_the_library_reads_its_own_series(
    storage: SqliteStorage, sort: SeriesSort
) -> None:
    """A page is read in the order of an index; the episodes of other series are not counted."""
    query = SeriesQuery(limit=5, offset=9, sort=sort)

    steps = await _plans(storage, lambda s: s.series.summaries(query))

    assert [step for step in steps if PAGES[sort] in step]
    assert not [s for s in steps if s == "USE TEMP B-TREE FOR ORDER BY" or s == "SCAN episodes"]


async def test_a_page_of_incomplete_series_reads_missing_episodes(storage: SqliteStorage) -> None:
    """Episodes that are in the library are not read to find series with missing ones."""
    query = SeriesQuery(limit=5, filter=SeriesFilter.MISSING)

    steps = await _plans(storage, lambda s: s.series.summaries(query))

    assert [s for s in steps if s.startswith("SCAN episodes USING INDEX ix_episodes_missing")]
    assert "SCAN episodes" not in steps
