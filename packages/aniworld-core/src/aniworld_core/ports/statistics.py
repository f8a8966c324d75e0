"""Storage of the statistics."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime

from aniworld_core.domain.automation import DownloadResult, DownloadSums, LibrarySize


class StatisticsRepository(ABC):
    """Store sums of downloads by hour, and one size of the library for each day.

    Every call is one transaction. Sums stay when history and queue are shortened, and are at most
    `MOST`. Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def count(self, results: Sequence[DownloadResult]) -> None:
        """Add results to the sums of their hours, all or none.

        A power failure may lose the last ones.
        """

    @abstractmethod
    async def sums(self, bounds: Sequence[datetime]) -> DownloadSums:
        """Return the sums of the hours between the first bound and the last, and of each part.

        A part has the hours from one bound, included, to the next, not included. The time depends
        on the number of hours, not on that of downloads.

        Args:
            bounds: At least two moments, none earlier than the one before it.
        """

    @abstractmethod
    async def first_hour(self) -> datetime | None:
        """Return the earliest hour with a result; `None` without any."""

    @abstractmethod
    async def save_size(self, size: LibrarySize) -> None:
        """Store the size of a day and replace the former one of that day.

        A power failure may lose it.
        """

    @abstractmethod
    async def sizes(self, first: date, last: date) -> Sequence[LibrarySize]:
        """Return the sizes from *first* to *last*, both included, oldest first."""
