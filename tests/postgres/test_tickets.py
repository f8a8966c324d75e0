"""Tickets of PostgreSQL: deferred with the items, given to the workers of all machines."""

from collections.abc import AsyncIterator

import anyio
import pytest

from aniworld_core.domain.downloads import DownloadItem
from aniworld_core.testing import make_claim, make_item, make_series
from aniworld_core.testing.factories import at
from aniworld_core.testing.waiting import PATIENCE
from aniworld_postgres import PostgresStorage, open_storage
from support.postgres_server import PostgresServer
from support.thorough import ONLY_THOROUGH

pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH, pytest.mark.external_service]


@pytest.fixture
async def storages(url: str) -> AsyncIterator[tuple[PostgresStorage, PostgresStorage]]:
    """Return the storage as two processes open it."""
    async with open_storage(url) as ours, open_storage(url) as theirs:
        await ours.series.add(make_series())
        yield ours, theirs


def _items(number: int) -> list[DownloadItem]:
    return [make_item(each) for each in range(1, number + 1)]


async def test_a_lane_of_another_process_is_woken(
    storages: tuple[PostgresStorage, PostgresStorage], server: PostgresServer, url: str
) -> None:
    """The ticket of an item that one process adds is taken in the other, where it is claimed."""
    ours, theirs = storages
    async with theirs.tickets.serving():
        async with theirs.tickets.take() as nothing:
            assert nothing is None
        await ours.queue.add(_items(1))
        with anyio.fail_after(PATIENCE):
            async with theirs.tickets.take() as ticket:
                assert ticket is not None
                assert await theirs.queue.claim_next(make_claim(since=at(10)))
    left = server.execute("SELECT * FROM procrastinate_jobs", url.rpartition("/")[2])
    assert left == []
