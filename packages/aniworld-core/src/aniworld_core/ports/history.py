"""Storage of the history."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from aniworld_core.domain.automation import HistoryEntry, HistoryQuery
from aniworld_core.domain.catalogue import Page


class HistoryRepository(ABC):
    """Store what happened. Every call is one transaction.

    Entries are never changed, and stay when their series is removed. Any method may raise
    `StorageUnavailableError`.
    """

    @abstractmethod
    async def add(self, entries: Sequence[HistoryEntry]) -> None:
        """Store entries in their order, all or none; each gets a higher id than all before.

        A power failure may lose the last ones.
        """

    @abstractmethod
    async def find(self, query: HistoryQuery) -> Page[HistoryEntry]:
        """Return the matching entries, newest first, and the number of all that match."""

    @abstractmethod
    async def prune(self, keep: int) -> int:
        """Delete all but the newest *keep* entries; return the number of deleted ones."""
