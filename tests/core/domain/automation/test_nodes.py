"""Which machines are silent, and when nobody leads."""

from datetime import timedelta

import pytest

from aniworld_core.domain.automation import Node, Role, is_leaderless, silent_nodes
from aniworld_core.domain.identity import WorkerId
from aniworld_core.testing import at


def _node(name: str, *, started: float = 0, seen: float = 100, leads: bool = False) -> Node:
    return Node(
        id=WorkerId(name),
        host=name,
        version="2.0",
        roles=frozenset({Role.SCHEDULER}),
        started_at=at(started),
        seen_at=at(seen),
        is_leader=leads,
    )


def test_a_node_that_missed_two_signs_of_life_is_silent() -> None:
    """A node gives one every four seconds; one late sign is no fault."""
    nodes = [_node("quick", seen=98), _node("late", seen=92), _node("silent", seen=90)]

    assert [node.host for node in silent_nodes(nodes, at(100))] == ["silent"]


@pytest.mark.parametrize(
    ("nodes", "is_fault"),
    [
        ([], False),
        ([_node("one", leads=True), _node("other")], False),
        ([_node("one"), _node("other")], True),
        # The lead is taken some seconds after the start.
        ([_node("new", started=90)], False),
        ([_node("new", started=90), _node("old", started=100 - 16)], True),
    ],
)
def test_an_installation_without_a_leader_is_at_fault(nodes: list[Node], is_fault: bool) -> None:
    """Nothing is at fault without nodes, or while all of them are new."""
    assert is_leaderless(nodes, at(0) + timedelta(seconds=100)) is is_fault
