"""Storage of hoster scores."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from aniworld_core.domain.catalogue import SourceScore


class ScoreRepository(ABC):
    """Store one score for each place. Every call is one transaction.

    Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def find(self) -> Sequence[SourceScore]:
        """Return all scores, ordered by provider, hoster, language."""

    @abstractmethod
    async def save(self, score: SourceScore) -> None:
        """Store the score and replace that of the same place."""

    @abstractmethod
    async def clear(self) -> int:
        """Delete all scores.

        Returns:
            Number of deleted scores.
        """
