"""Tickets of PostgreSQL: deferred with the items, given to the workers of all machines."""

from collections.abc import AsyncIterator
from datetime import timedelta

import anyio
import pytest

from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.domain.downloads import Claim
from aniworld_core.domain.identity import WorkerId
from aniworld_core.errors import AlreadyQueuedError
from aniworld_core.ports.storage import Storage
from aniworld_core.ports.tickets import TicketDispatcher
from aniworld_core.testing import make_item, make_series
from aniworld_core.testing.contracts.tickets import WakingTicketsContract, take_and_claim
from aniworld_core.testing.waiting import PATIENCE
from aniworld_postgres import PostgresStorage, _tickets, open_storage
from support.postgres_server import PostgresServer
from support.thorough import ONLY_THOROUGH

pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH, pytest.mark.external_service]

LEASE = timedelta(seconds=12)


@pytest.fixture
async def storages(url: str) -> AsyncIterator[tuple[PostgresStorage, PostgresStorage]]:
    """Return the storage as two processes open it, with a series."""
    async with open_storage(url) as ours, open_storage(url) as theirs:
        await ours.series.add(make_series())
        yield ours, theirs


@pytest.fixture
def database(url: str) -> str:
    """Return the name of the database."""
    return url.rpartition("/")[2]


class TestTickets(WakingTicketsContract):
    @pytest.fixture
    def dispatcher(self, storage: Storage) -> TicketDispatcher | None:
        """Return the tickets of a process."""
        return storage.tickets

    @pytest.fixture
    async def observer(self, server: PostgresServer) -> AsyncIterator[TicketDispatcher | None]:
        """Return the tickets of another process."""
        async with open_storage(server.local_url("postgres")) as other:
            yield other.tickets


async def _claimed_with(dispatcher: TicketDispatcher, storage: Storage) -> None:
    with anyio.fail_after(PATIENCE):
        while not await take_and_claim(dispatcher, storage):
            pass


async def test_items_and_tickets_are_stored_together(
    storages: tuple[PostgresStorage, PostgresStorage], server: PostgresServer, database: str
) -> None:
    """Items that are refused leave no ticket, and each item that is stored has one."""
    ours, _ = storages
    await ours.queue.add([make_item(1), make_item(2)])
    with pytest.raises(AlreadyQueuedError):
        await ours.queue.add([make_item(3), make_item(1)])

    query = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"
    assert server.execute(query, database) == [(2,)]


async def test_a_retry_that_waits_is_started_at_its_time(
    storages: tuple[PostgresStorage, PostgresStorage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ticket of an item that may not start yet is scheduled for that time, and found then."""
    monkeypatch.setattr(_tickets, "_WAIT", 0.1)
    ours, theirs = storages
    clock = theirs.clock(SystemClock())
    due = clock.now() + timedelta(seconds=1)
    async with theirs.tickets.serving():
        await ours.queue.add([make_item(1, not_before=due)])
        with anyio.fail_after(PATIENCE):
            while True:
                async with theirs.tickets.take() as ticket:
                    if ticket is not None:
                        break
        assert clock.now() >= due - timedelta(seconds=0.5)


async def test_lost_tickets_are_made_again(
    storages: tuple[PostgresStorage, PostgresStorage], server: PostgresServer, database: str
) -> None:
    """The periodic job gives items without a ticket theirs, and removes tickets without an item."""
    ours, theirs = storages
    async with theirs.tickets.serving():
        await ours.queue.add([make_item(1), make_item(2)])
        server.execute("TRUNCATE procrastinate_jobs CASCADE", database)
        reconcile = "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('aniworld', 'aniworld.reconcile',"
        reconcile += " 1, NULL, NULL, '{}'::jsonb, NULL)::procrastinate_job_to_defer_v1])"
        server.execute(reconcile, database)
        await _claimed_with(theirs.tickets, theirs)
        await ours.queue.remove([make_item(2).id])
        server.execute(reconcile, database)
        with anyio.fail_after(PATIENCE):
            while server.execute("SELECT id FROM procrastinate_jobs", database):
                async with theirs.tickets.take():
                    pass


async def test_the_periodic_job_is_deferred_once_for_all(
    storages: tuple[PostgresStorage, PostgresStorage], server: PostgresServer, database: str
) -> None:
    """Two processes defer the job of a minute together, and one of them does it."""
    ours, theirs = storages
    query = "SELECT count(*), count(DISTINCT defer_timestamp) FROM procrastinate_periodic_defers"
    async with ours.tickets.serving(), theirs.tickets.serving():
        with anyio.fail_after(PATIENCE):
            while server.execute(query, database)[0][0] == 0:
                await anyio.sleep(0.01)
    ((found, different),) = server.execute(query, database)
    assert found == different


async def test_the_item_of_a_killed_worker_gets_a_ticket(
    storages: tuple[PostgresStorage, PostgresStorage], server: PostgresServer, database: str
) -> None:
    """The item is claimed elsewhere when its claim has ended; the ticket that was held is gone."""
    ours, theirs = storages
    now = ours.clock(SystemClock()).now()
    dead = Claim.lasting(WorkerId("dead"), now - 2 * LEASE, LEASE)
    await ours.queue.add([make_item(1)])
    # What a killed process leaves behind: a job of a worker without signs of life.
    server.execute(
        "WITH worker AS (INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - interval '1 hour') RETURNING id)"
        " UPDATE procrastinate_jobs SET status = 'doing', worker_id = worker.id FROM worker",
        database,
    )
    assert await ours.queue.claim_next(dead)
    async with theirs.tickets.serving():
        assert server.execute("SELECT id FROM procrastinate_jobs", database) == []
        assert await theirs.queue.release_expired(now)
        await _claimed_with(theirs.tickets, theirs)


async def test_a_process_that_others_removed_registers_again(
    storages: tuple[PostgresStorage, PostgresStorage], server: PostgresServer, database: str
) -> None:
    """After a suspension that lasted longer than others wait, lanes get tickets again."""
    ours, theirs = storages
    async with theirs.tickets.serving():
        server.execute("DELETE FROM procrastinate_workers", database)
        await ours.queue.add([make_item(1)])
        with anyio.fail_after(PATIENCE):
            while True:
                try:
                    if await take_and_claim(theirs.tickets, theirs):
                        break
                except Exception as error:
                    assert "foreign key" in str(error)  # noqa: PT017 - it may also not occur


async def test_lanes_go_on_after_the_server_closed_connections(
    storages: tuple[PostgresStorage, PostgresStorage], server: PostgresServer, database: str
) -> None:
    """Connections of tickets are replaced, and an item that is added then is claimed."""
    ours, theirs = storages
    async with theirs.tickets.serving():
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            database,
        )
        await ours.queue.add([make_item(1)])
        await _claimed_with(theirs.tickets, theirs)
