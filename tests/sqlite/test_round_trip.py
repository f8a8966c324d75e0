"""Every domain value comes back from SQLite exactly as it went, and lists are counted rightly."""

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aniworld_core.domain.download import DownloadItem, claim_order
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.series import Series, SeriesQuery
from aniworld_core.domain.session import Session
from aniworld_core.testing import MemoryStorage, strategies
from aniworld_sqlite import open_storage

pytestmark = pytest.mark.anyio

FEW_KEYS = st.sampled_from(["a", "b", "c"]).map(SeriesKey)
UNIQUE_SERIES = st.lists(strategies.series(), max_size=5, unique_by=lambda series: series.key)


@given(strategies.series(FEW_KEYS), strategies.series(FEW_KEYS))
async def test_series(first: Series, second: Series) -> None:
    """A series comes back whole, after adding it and after replacing it."""
    async with open_storage("sqlite://") as storage:
        await storage.series.add(first)
        assert await storage.series.get(first.key) == first

        changed = attrs.evolve(second, key=first.key)
        await storage.series.save(changed)
        assert await storage.series.get(first.key) == changed


@given(strategies.batches, strategies.items())
async def test_items(batch: list[DownloadItem], changed: DownloadItem) -> None:
    """Items come back whole and in claim order, after adding and after saving."""
    async with open_storage("sqlite://") as storage:
        await storage.queue.add(batch)
        assert list(await storage.queue.find()) == sorted(batch, key=claim_order)

        for item in batch[:1]:
            rewritten = attrs.evolve(changed, id=item.id, episode=item.episode)
            saved = await storage.queue.save(rewritten)
            assert await storage.queue.get(item.id) == saved == attrs.evolve(rewritten, revision=1)


@given(strategies.sessions)
async def test_sessions(session: Session) -> None:
    """A session comes back to the microsecond."""
    async with open_storage("sqlite://") as storage:
        await storage.sessions.add(session)

        assert await storage.sessions.get(session.id) == session


@settings(max_examples=100)
@given(UNIQUE_SERIES, st.lists(strategies.queries, min_size=1, max_size=4))
async def test_summaries(listed: list[Series], queries: list[SeriesQuery]) -> None:
    """The database counts, filters, orders and cuts as the domain does."""
    memory = MemoryStorage()
    async with open_storage("sqlite://") as storage:
        for series in listed:
            await memory.series.add(series)
            await storage.series.add(series)

        for query in queries:
            expected = await memory.series.summaries(query)
            assert await storage.series.summaries(query) == expected
