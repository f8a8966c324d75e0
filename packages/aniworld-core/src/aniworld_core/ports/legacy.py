"""Where the former program's files are read."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import attrs

from aniworld_core.domain.downloads import Priority
from aniworld_core.domain.library import LegacySeries


@attrs.frozen(kw_only=True)
class LegacyFile:
    """One file of the former program.

    Attributes:
        file: Where it lies, relative to the folder that was looked through.
        mark: Changes with its content.
        series: What it says; `None` when it cannot be used.
        reason: Why it cannot be used, else empty.
    """

    file: str
    mark: str
    series: LegacySeries | None = None
    reason: str = ""


@attrs.frozen(kw_only=True)
class FormerItem:
    """An unfinished queue item of the former program's database.

    Attributes:
        id: Its id there.
        retries: How often it was tried again; 0 while it has not failed.
    """

    id: str
    key: str
    season: int
    number: int
    priority: Priority = Priority.NORMAL
    has_failed: bool = False
    retries: int = 0


@attrs.frozen(kw_only=True)
class FormerDatabase:
    """The tables of the former program, as far as they are taken over.

    Attributes:
        series: One entry for each row that is not deleted, with the known episodes. Which of
            them are downloaded is left out: only the disk says so.
        items: Unfinished queue items, oldest first.
    """

    series: tuple[LegacyFile, ...]
    items: tuple[FormerItem, ...]


#: Reads a database file of the former program without changing it; blocks.
#: Raises `LegacyDataError` if it cannot be read, or is another program's.
FormerDatabaseReader: TypeAlias = Callable[[Path], FormerDatabase]


class LegacyFiles(ABC):
    """Reads the former program's files and remembers which were taken over; never changes one."""

    @abstractmethod
    async def read(self, folder: Path) -> Sequence[LegacyFile]:
        """Read what lies in the folders directly below a folder, ordered by name.

        Args:
            folder: The library of the former program.

        Raises:
            LibraryUnavailableError: If the folder cannot be read.
        """

    @abstractmethod
    async def taken_over(self) -> frozenset[str]:
        """Return the marks of the files that were taken over; empty when nothing is known."""

    @abstractmethod
    async def remember(self, marks: frozenset[str]) -> None:
        """Keep the marks of files that were taken over, besides the known ones.

        Raises:
            StorageUnavailableError: If they cannot be written.
        """
