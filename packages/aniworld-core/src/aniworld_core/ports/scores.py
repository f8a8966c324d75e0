"""Where it is remembered how hosters did."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from aniworld_core.domain.catalogue import SourceScore


class ScoreRepository(ABC):
    """Keeps one score for each place. Every call is one transaction.

    Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def find(self) -> Sequence[SourceScore]:
        """Return all scores, ordered by provider, hoster, language."""

    @abstractmethod
    async def save(self, score: SourceScore) -> None:
        """Keep the score, replacing that of the same place."""

    @abstractmethod
    async def clear(self) -> int:
        """Forget everything.

        Returns:
            How many scores there were.
        """
