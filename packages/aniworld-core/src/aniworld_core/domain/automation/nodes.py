"""Processes of one installation that work together, on one or several machines."""

import enum
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import attrs

from aniworld_core.domain.identity import WorkerId

#: Time between two signs of life of a node.
ANNOUNCE_EVERY: Final = timedelta(seconds=4)
#: Time after the last sign of life for which a node counts as living.
NODE_LEASE: Final = timedelta(seconds=15)
#: Time without a sign of life after which a living node is reported as silent.
SILENT_AFTER: Final = timedelta(seconds=9)
#: Time after its start in which an installation may have no leader yet.
LEADER_WITHIN: Final = timedelta(seconds=15)


class Role(enum.StrEnum):
    """What a process does."""

    SERVER = "server"  #: serves pages and REST interface
    WORKER = "worker"  #: downloads
    SCHEDULER = "scheduler"  #: scans, deletes and notifies by schedule, if it is the leader


@attrs.frozen(kw_only=True)
class Node:
    """A process of the installation.

    Attributes:
        id: Its name in claims.
        host: Name of its machine.
        version: Version of the program.
        started_at: When it was first announced.
        seen_at: Its last sign of life.
        is_leader: Whether it does the scheduled work.
        slots: Number of items that it downloads at the same time; 0 if it downloads nothing.
    """

    id: WorkerId
    host: str
    version: str
    roles: frozenset[Role]
    started_at: datetime
    seen_at: datetime
    is_leader: bool = False
    slots: int = 0


def silent_nodes(nodes: Sequence[Node], now: datetime) -> Sequence[Node]:
    """Return the nodes that have missed a sign of life; they may be busy, cut off or dead."""
    return [node for node in nodes if now - node.seen_at > SILENT_AFTER]


def is_leaderless(nodes: Sequence[Node], now: datetime) -> bool:
    """Return whether no node does the scheduled work, although some run long enough."""
    has_begun = any(now - node.started_at > LEADER_WITHIN for node in nodes)
    return has_begun and not any(node.is_leader for node in nodes)
