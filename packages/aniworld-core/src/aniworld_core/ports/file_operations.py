"""Operations on files below the library roots, and on files that are imported."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from aniworld_core.domain.library import BinEntry, FileStamp, FoundEntry, Step


class FileOperations(ABC):
    """Look at files and apply single steps to them; nothing is ever overwritten.

    Paths are stored paths: relative to the main library root with forward slashes, absolute for
    other roots and for files outside. A path below a root never leads outside the roots through a
    link. A file outside the roots is never created by a step, except when a move goes back.
    """

    @abstractmethod
    def bin_folder(self, path: str) -> str:
        """Return the recycle bin of the root that holds a path; the main one for other places.

        Raises:
            LibraryNotSetError: If no library folder is set.
        """

    @abstractmethod
    def stored(self, path: str) -> str:
        """Return an absolute path as it is stored: relative if it is below the main root.

        Raises:
            LibraryNotSetError: If no library folder is set.
        """

    @abstractmethod
    async def look(self, paths: Sequence[str]) -> Mapping[str, FoundEntry | None]:
        """Return the entry at each path; `None` if there is none. Links are not followed.

        Raises:
            UnsafePathError: If a path leads outside the roots.
            LibraryUnavailableError: If a folder cannot be read, or the root is missing.
        """

    @abstractmethod
    async def names(self, folder: str) -> Sequence[str]:
        """Return the names in a folder, sorted; nothing if there is no such folder.

        Raises:
            UnsafePathError: If the path leads outside the roots.
            LibraryUnavailableError: If the folder cannot be read.
        """

    @abstractmethod
    async def read(self, path: str, *, max_bytes: int) -> bytes | None:
        """Return the content of a regular file; `None` if there is none, or if it is longer.

        Raises:
            UnsafePathError: If the path leads outside the roots.
            LibraryUnavailableError: If the file cannot be read.
        """

    @abstractmethod
    async def open(self, path: str) -> BinaryIO | None:
        """Open a file below the roots for reading; `None` if there is none, or no regular file.

        A link is followed if the file it leads to is below a root.

        Raises:
            UnsafePathError: If the file is outside the roots.
            LibraryUnavailableError: If the file cannot be read, or the root is missing.
        """

    @abstractmethod
    async def walk(self, folder: str) -> tuple[Sequence[str], Mapping[str, str]]:
        """Return the files of a folder and of the folders below it, as absolute paths, sorted.

        Links are not followed. Hidden folders and files are left out.

        Args:
            folder: Absolute path of a folder, also outside the roots.

        Returns:
            The files, and entries that cannot be used with the reason: links, special files,
            unreadable folders and names that are no valid text.

        Raises:
            LibraryUnavailableError: If the folder itself cannot be read, or holds too many entries
                to be a folder of videos.
        """

    @abstractmethod
    async def run(self, step: Step) -> FileStamp | None:
        """Apply a step, or return at once if it has been applied already.

        A step that was interrupted at any point, also by a power failure, is completed by running
        it again, and rolled back by running `step.reverted()`. After an error the files are as
        before, except for a hidden temporary file that running the step again replaces and
        `DISCARD` deletes.

        Returns:
            The stamp of the file that the step left; `None` for folders and discards.

        Raises:
            ChangeRefusedError: If the source is gone or changed, or the target is taken.
            UnsafePathError: If a path leads outside the roots.
            DiskFullError: If the disk is full.
            LibraryUnavailableError: If the disk cannot be read or written.
        """

    @abstractmethod
    async def bin_entries(self) -> Sequence[BinEntry]:
        """Return what the recycle bins of all roots hold, oldest first.

        Only folders that a change has created are returned; everything else in a bin stays.

        Raises:
            LibraryUnavailableError: If a bin cannot be read.
        """

    @abstractmethod
    async def delete_entry(self, entry: BinEntry) -> None:
        """Delete an entry of a recycle bin for good. Links in it are not followed. Idempotent.

        Raises:
            LibraryUnavailableError: If it cannot be deleted.
        """

    @abstractmethod
    async def sync(self, paths: Sequence[str]) -> None:
        """Make new and removed names in the folders of these paths survive a power failure.

        Raises:
            LibraryUnavailableError: If the disk cannot be written.
        """
