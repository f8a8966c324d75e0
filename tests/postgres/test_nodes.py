"""Processes on PostgreSQL see each other, and one of them leads."""

from datetime import timedelta

import anyio
import attrs
import pytest

from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.domain.automation import NODE_LEASE, Node, Role
from aniworld_core.domain.identity import WorkerId
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.testing import at
from aniworld_core.testing.waiting import PATIENCE
from aniworld_postgres import _nodes as nodes
from aniworld_postgres import open_storage
from aniworld_postgres._database import parse_url
from support.postgres_server import PostgresServer
from support.thorough import ONLY_THOROUGH

pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH, pytest.mark.external_service]

NODE = Node(
    id=WorkerId("b-1"),
    host="b",
    version="1",
    roles=frozenset({Role.WORKER, Role.SERVER}),
    started_at=at(0),
    seen_at=at(0),
    slots=2,
)


async def test_nodes_are_listed_until_their_lease_ends(server: PostgresServer, url: str) -> None:
    """Another process reads what a node announced, judged by the clock of the server."""
    other = attrs.evolve(NODE, id=WorkerId("a-1"), host="a", is_leader=True)
    async with open_storage(url) as storage, open_storage(url) as reader:
        await storage.nodes.announce(NODE)
        await storage.nodes.announce(other)
        (first, second) = await reader.nodes.find(NODE_LEASE)
        assert (first.host, first.is_leader, second.host) == ("a", True, "b")
        assert (second.roles, second.slots) == (NODE.roles, 2)
        assert abs(reader.clock(SystemClock()).now() - second.seen_at) < timedelta(minutes=1)

        server.execute(
            "UPDATE node SET seen_at = seen_at - interval '16 s' WHERE host = 'a'",
            url.rpartition("/")[2],
        )
        assert [node.host for node in await reader.nodes.find(NODE_LEASE)] == ["b"]
        await storage.nodes.announce(attrs.evolve(NODE, slots=5))
        (again,) = await reader.nodes.find(NODE_LEASE)
        assert (again.started_at, again.slots) == (second.started_at, 5)
        await storage.nodes.withdraw(NODE.id)
        assert await reader.nodes.find(NODE_LEASE) == ()


async def test_the_lead_passes_on_when_its_session_ends(
    server: PostgresServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Work stops where the connection broke, and begins in the other process; never in both."""
    monkeypatch.setattr(nodes, "_EVERY", 0.02)
    active: list[str] = []
    changed = anyio.Event()

    async def work(name: str) -> None:
        nonlocal changed
        active.append(name)
        changed.set()
        try:
            await anyio.sleep_forever()
        finally:
            active.remove(name)

    with anyio.fail_after(PATIENCE):
        async with open_storage(url) as storage, anyio.create_task_group() as tasks:
            tasks.start_soon(storage.leadership.lead, lambda: work("a"))
            await changed.wait()
            changed = anyio.Event()
            tasks.start_soon(storage.leadership.lead, lambda: work("b"))
            await anyio.sleep(0.1)
            assert active == ["a"]
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE locktype = 'advisory' AND granted AND objid = x'616E696C'::int"
            )
            await changed.wait()
            await anyio.sleep(0.1)
            assert len(active) == 1
            tasks.cancel_scope.cancel()


async def test_a_server_that_is_away_is_named() -> None:
    """The lead of an unreachable server is not given; the error can be retried."""
    leadership = nodes.PostgresLeadership(parse_url("postgresql://x@127.0.0.1:1/none"))
    with pytest.raises(StorageUnavailableError):
        await leadership.lead(anyio.sleep_forever)
