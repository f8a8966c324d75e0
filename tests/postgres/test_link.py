"""Notices between machines when the server closes connections or is away."""

from collections.abc import AsyncIterator

import anyio
import pytest

from aniworld_core.ports.process_link import Notice, Topic
from aniworld_core.testing.contracts.process_link import wait_for
from aniworld_postgres import PostgresStorage, open_storage
from support.postgres_server import PostgresServer, serve_postgres
from support.thorough import ONLY_THOROUGH

pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH, pytest.mark.external_service]

GAP = Notice(topic=Topic.GAP)
_LISTENERS = "FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"


@pytest.fixture
async def storages(url: str) -> AsyncIterator[tuple[PostgresStorage, PostgresStorage]]:
    """Return the storage as two processes open it."""
    async with open_storage(url) as ours, open_storage(url) as theirs:
        yield ours, theirs


async def test_a_closed_connection_is_replaced(
    storages: tuple[PostgresStorage, PostgresStorage], server: PostgresServer, url: str
) -> None:
    """The receiver is told that it may have missed something, and goes on."""
    ours, theirs = storages
    async with theirs.link.receive() as notices:
        await wait_for(notices, GAP)
        server.execute(f"SELECT pg_terminate_backend(pid) {_LISTENERS}", url.rpartition("/")[2])
        await wait_for(notices, GAP)
        ours.link.post("a", "text")
        await wait_for(notices, Notice(topic=Topic.PROGRESS, text="text"))


async def test_the_connection_is_closed_at_the_end(
    storages: tuple[PostgresStorage, PostgresStorage], server: PostgresServer, url: str
) -> None:
    """Nothing listens after the context, also if it is left while a notice is awaited."""
    database = url.rpartition("/")[2]
    with anyio.move_on_after(0.5):
        async with storages[0].link.receive() as notices:
            async for _ in notices:
                assert len(server.execute(f"SELECT pid {_LISTENERS}", database)) == 1

    while server.execute(f"SELECT pid {_LISTENERS}", database):
        await anyio.sleep(0.01)


async def test_a_server_that_was_away_is_used_again() -> None:
    """Texts of the outage are dropped, and those after it arrive."""
    with serve_postgres() as server:
        async with (
            open_storage(server.url("postgres")) as ours,
            ours.link.receive() as notices,
        ):
            await wait_for(notices, GAP)
            server.control("stop", "-m", "immediate")
            ours.link.post("a", "lost")
            server.control("start")
            await wait_for(notices, GAP)
