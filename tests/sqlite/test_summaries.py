"""SQLite counts, filters, sorts and pages lists of series as the domain does."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.catalogue import Series, SeriesQuery
from aniworld_core.testing import MemoryStorage, strategies
from aniworld_sqlite import SqliteStorage, open_storage
from aniworld_sqlite._schema import metadata

pytestmark = pytest.mark.anyio

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
