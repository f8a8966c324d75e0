"""Where the former program's files are read."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import attrs

from aniworld_core.domain.legacy import LegacySeries


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
