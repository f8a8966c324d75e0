"""SQLite returns every stored domain value unchanged, and counts lists correctly."""

from collections.abc import AsyncIterator

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.access import Session
from aniworld_core.domain.catalogue import Series, SeriesQuery
from aniworld_core.domain.downloads import DownloadItem, claim_order
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.testing import MemoryStorage, strategies
from aniworld_sqlite import SqliteStorage, open_storage
from aniworld_sqlite._schema import metadata

pytestmark = pytest.mark.anyio

FEW_KEYS = st.sampled_from(["a", "b", "c"]).map(SeriesKey)
UNIQUE_SERIES = st.lists(strategies.series(), max_size=5, unique_by=lambda series: series.key)


@pytest.fixture
async def storage() -> AsyncIterator[SqliteStorage]:
    """Return one database for all examples of a test; each example empties it first."""
    async with open_storage("sqlite://") as opened:
        yield opened


async def _empty(storage: SqliteStorage) -> None:
    def delete(connection: sa.Connection) -> None:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())

    await storage._database.write(delete)


@given(first=strategies.series(FEW_KEYS), second=strategies.series(FEW_KEYS))
async def test_series(storage: SqliteStorage, first: Series, second: Series) -> None:
    """A series is returned unchanged after adding and after replacing it."""
    await _empty(storage)

    await storage.series.add(first)
    assert await storage.series.get(first.key) == first

    changed = attrs.evolve(second, key=first.key)
    await storage.series.save(changed)
    assert await storage.series.get(first.key) == changed


@given(batch=strategies.batches, changed=strategies.items())
async def test_items(
    storage: SqliteStorage, batch: list[DownloadItem], changed: DownloadItem
) -> None:
    """Items are returned unchanged and in claim order."""
    await _empty(storage)

    await storage.queue.add(batch)
    assert list(await storage.queue.find()) == sorted(batch, key=claim_order)

    for item in batch[:1]:
        rewritten = attrs.evolve(changed, id=item.id, episode=item.episode)
        saved = await storage.queue.save(rewritten)
        assert await storage.queue.get(item.id) == saved == attrs.evolve(rewritten, revision=1)


@given(session=strategies.sessions)
async def test_sessions(storage: SqliteStorage, session: Session) -> None:
    """A session is returned unchanged, with times to the microsecond."""
    await _empty(storage)

    await storage.sessions.add(session)

    assert await storage.sessions.get(session.id) == session


@given(listed=UNIQUE_SERIES, queries=st.lists(strategies.queries, min_size=1, max_size=4))
async def test_summaries(
    storage: SqliteStorage, listed: list[Series], queries: list[SeriesQuery]
) -> None:
    """Counts, filters, sort orders and pages equal those of the domain."""
    await _empty(storage)
    memory = MemoryStorage()
    for series in listed:
        await memory.series.add(series)
        await storage.series.add(series)

    for query in queries:
        expected = await memory.series.summaries(query)
        assert await storage.series.summaries(query) == expected
