"""Processes of one installation: who lives, and who leads."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from aniworld_core.domain.automation import Node
from aniworld_core.domain.identity import WorkerId


class NodeRegistry(ABC):
    """The nodes of a database that several machines share.

    Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def announce(self, node: Node) -> None:
        """Store a sign of life; the time of the database is used, not that of the node.

        The start of a node that is announced again stays.
        """

    @abstractmethod
    async def withdraw(self, node: WorkerId) -> None:
        """Remove a node that ends; nothing happens if it is not listed."""

    @abstractmethod
    async def find(self, lease: timedelta) -> Sequence[Node]:
        """Return the nodes that gave a sign of life within the lease, by host and start."""


class Leadership(ABC):
    """Gives the lead to one process of all that ask for it."""

    @abstractmethod
    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work while this process has the lead; wait and begin again, until cancelled.

        The work is cancelled when the lead is lost, for example with the connection to the server.
        Another process gets the lead within 10 s after this one has ended in any way.
        """
