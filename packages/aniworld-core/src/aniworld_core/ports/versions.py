"""Storage of the times at which language versions appeared."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence

from aniworld_core.domain.catalogue import VersionSeen


class VersionRepository(ABC):
    """Store when each version of an episode was first seen. Every call is one transaction.

    The versions of removed series stay. Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def find(self) -> Sequence[VersionSeen]:
        """Return all versions, ordered by series, season, number and language."""

    @abstractmethod
    async def add(self, seen: Collection[VersionSeen]) -> None:
        """Store versions; one that is stored already keeps its time."""
