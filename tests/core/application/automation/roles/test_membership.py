"""Signs of life of a process, and the check of versions."""

from collections.abc import Sequence
from datetime import timedelta

import anyio
import attrs
import pytest

from aniworld_core.application.automation import Membership
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.automation import Node, Role
from aniworld_core.domain.identity import WorkerId
from aniworld_core.errors import OtherVersionError, StorageUnavailableError
from aniworld_core.ports.nodes import NodeRegistry
from aniworld_core.testing import at
from aniworld_core.testing.fakes import FakeClock
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio


@attrs.define
class MemoryRegistry(NodeRegistry):
    """Nodes in memory; the first call fails if it is told to."""

    listed: dict[WorkerId, Node] = attrs.field(factory=dict)
    heard: anyio.Event = attrs.field(factory=anyio.Event)
    is_down: bool = False

    async def announce(self, node: Node) -> None:
        """Store the node."""
        was_down, self.is_down = self.is_down, False
        if not was_down:
            self.listed[node.id] = node
        self.heard.set()
        self.heard = anyio.Event()
        if was_down:
            raise StorageUnavailableError("it is away")

    async def withdraw(self, node: WorkerId) -> None:
        """Remove the node."""
        self.listed.pop(node, None)

    async def find(self, lease: timedelta) -> Sequence[Node]:
        """Return all nodes."""
        return tuple(self.listed.values())


def _membership(registry: NodeRegistry | None) -> Membership:
    return Membership(
        registry=registry,
        id=WorkerId("here-1"),
        host="here",
        version="2.0",
        clock=FakeClock(),
        outage=StorageOutage(),
    )


def _node(version: str, role: Role = Role.WORKER, host: str = "there") -> Node:
    return Node(
        id=WorkerId(f"{host}-{version}"),
        host=host,
        version=version,
        roles=frozenset({role}),
        started_at=at(0),
        seen_at=at(0),
    )


async def test_it_is_listed_while_it_runs() -> None:
    """A process is listed with its roles, says at once that it leads, and leaves the list."""
    registry = MemoryRegistry()
    member = _membership(registry)
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            first = registry.heard
            tasks.start_soon(lambda: member.run({Role.WORKER}, slots=3))
            await first.wait()
            (node,) = await member.nodes()
            assert (node.host, node.roles, node.slots) == ("here", frozenset({Role.WORKER}), 3)
            assert not node.is_leader
            again = registry.heard
            member.set_leader(is_leader=True)
            await again.wait()
            assert (await member.nodes())[0].is_leader
            tasks.cancel_scope.cancel()
    assert registry.listed == {}


async def test_an_outage_does_not_end_it() -> None:
    """A sign of life that cannot be stored is given again later."""
    registry = MemoryRegistry(is_down=True)
    member = _membership(registry)
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            first = registry.heard
            tasks.start_soon(member.run, {Role.SERVER})
            await first.wait()
            assert registry.listed == {}
            again = registry.heard
            member.set_leader(is_leader=True)
            await again.wait()
            assert list(registry.listed) == ["here-1"]
            tasks.cancel_scope.cancel()


async def test_another_version_is_refused() -> None:
    """The error names both versions, first that of a server."""
    registry = MemoryRegistry()
    for node in (_node("2.0"), _node("1.0"), _node("3.0", Role.SERVER, "nas")):
        registry.listed[node.id] = node

    with pytest.raises(OtherVersionError) as refused:
        await _membership(registry).require_same_version()

    assert str(refused.value) == "this is Aniworld 2.0, but nas runs 3.0"


async def test_the_same_version_is_accepted() -> None:
    """Nothing is refused without others, or with others of the same version."""
    registry = MemoryRegistry()
    await _membership(registry).require_same_version()
    registry.listed[WorkerId("x")] = _node("2.0")
    await _membership(registry).require_same_version()


async def test_a_single_machine_has_no_list() -> None:
    """Without a registry nothing is listed or refused."""
    member = _membership(None)

    await member.require_same_version()

    assert (list(await member.nodes()), member.is_shared) == ([], False)
