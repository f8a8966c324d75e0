"""Processes of one installation that work together, on one or several machines."""

import enum
from datetime import datetime, timedelta
from typing import Final

import attrs

from aniworld_core.domain.identity import WorkerId

#: Time between two signs of life of a node.
ANNOUNCE_EVERY: Final = timedelta(seconds=4)
#: Time after the last sign of life for which a node counts as living.
NODE_LEASE: Final = timedelta(seconds=15)


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
