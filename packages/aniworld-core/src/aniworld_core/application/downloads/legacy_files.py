"""Storage of the former program's files and of the record of imported ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from aniworld_core.ports.legacy import LegacyFile


class LegacyFiles(Protocol):
    """Read the former program's files without changing them, and record imported ones."""

    async def read(self, folder: Path) -> Sequence[LegacyFile]:
        """Read the files in the direct subfolders of a folder, ordered by name.

        Args:
            folder: Library of the former program.

        Raises:
            LibraryUnavailableError: If the folder cannot be read.
        """

    async def taken_over(self) -> frozenset[str]:
        """Return the marks of imported files; empty if there are none."""

    async def remember(self, marks: frozenset[str]) -> None:
        """Add the marks of imported files.

        Raises:
            StorageUnavailableError: If they cannot be written.
        """
