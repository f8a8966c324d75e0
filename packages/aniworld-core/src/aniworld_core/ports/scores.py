"""Storage of hoster scores."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from aniworld_core.domain.catalogue import Place, SourceScore


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
    async def add_success(self, place: Place, *, rate: float, at: datetime) -> None:
        """Replace the score of a place by what `SourceScore.succeeded` returns.

        Results of several callers are all counted, even from two processes.
        """

    @abstractmethod
    async def add_failure(self, place: Place, *, kind: str, at: datetime) -> None:
        """Replace the score of a place by what `SourceScore.failed` returns, as `add_success`."""

    @abstractmethod
    async def clear(self) -> int:
        """Delete all scores.

        Returns:
            Number of deleted scores.
        """
