"""Machines that share a database, without the database."""

from collections.abc import Sequence
from typing import Any

import attrs
import pytest

from aniworld_core.application.automation import Membership
from aniworld_core.domain.automation import Node, Role
from aniworld_core.domain.identity import WorkerId
from aniworld_core.testing import at


def make_node(host: str, *, seen: float = 0, started: float = -60, **more: Any) -> Node:
    """Return a worker that was seen so many seconds after `START`."""
    node = Node(
        id=WorkerId(f"{host}-1"),
        host=host,
        version="2.0",
        roles=frozenset({Role.WORKER}),
        started_at=at(started),
        seen_at=at(seen),
        slots=2,
    )
    return attrs.evolve(node, **more)


def share(patch: pytest.MonkeyPatch, *nodes: Node) -> None:
    """Let every application in this process belong to an installation with these nodes."""

    async def listed(_self: Membership) -> Sequence[Node]:
        return nodes

    patch.setattr(Membership, "nodes", listed)
    patch.setattr(Membership, "is_shared", True)
