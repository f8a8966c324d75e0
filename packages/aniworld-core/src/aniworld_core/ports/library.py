"""The library folder on disk."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import attrs

from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import FolderContents, LibraryRoot
from aniworld_core.errors import UnsafePathError
from aniworld_core.messages import Message

if TYPE_CHECKING:
    # Slow to import, and a scan without changes reads no marks.
    from aniworld_core.domain.library import FolderMarks

__all__ = ["FolderContents", "MediaLibrary", "UnfinishedFile"]


@attrs.frozen(kw_only=True)
class UnfinishedFile:
    """Files of an unfinished transfer.

    Attributes:
        final: Planned path of the file, relative to the library root.
        bytes: Disk space of all its files.
    """

    final: str
    bytes: int


class MediaLibrary(ABC):
    """Read the library folder and return paths in it; never a path outside its root."""

    @property
    @abstractmethod
    def root(self) -> Path:
        """Return the absolute library root."""

    @property
    def other_roots(self) -> Sequence[Path]:
        """Return the absolute paths of additional roots, in the order of the configuration."""
        return ()

    def absolute(self, file: str) -> Path:
        """Return the absolute path of a stored path.

        A stored path is relative to the main root; below another root it is absolute.

        Raises:
            UnsafePathError: If it is outside all roots.
            LibraryNotSetError: If no library folder is set.
        """
        path = PurePosixPath(file)
        roots = [self.root] if not path.is_absolute() else [self.root, *self.other_roots]
        for root in roots:
            place = root / path
            if file and ".." not in path.parts and place != root and place.is_relative_to(root):
                return place
        raise UnsafePathError(file, Message("outside_roots"))

    async def roots(self) -> Sequence[LibraryRoot]:
        """Return every configured root with its folders, the main root first.

        A root that cannot be read has a `problem`. A root inside another one is left out.

        Raises:
            LibraryNotSetError: If no library folder is set.
        """
        found: list[FolderName] = []
        async for batch in self.survey():
            found += (contents.folder for contents in batch)
        return (LibraryRoot(name="", path=str(self.root), folders=tuple(found)),)

    @abstractmethod
    def survey(
        self,
        known: Mapping[str, str] | None = None,
        *,
        roots: Sequence[LibraryRoot] | None = None,
    ) -> AsyncIterator[Sequence[FolderContents]]:
        """Read the whole library in batches of folders, ordered by root and name.

        Hidden entries, partial files, samples, trailers and links to the outside are not followed.
        A folder with the *known* stamp is reported without its files. Video files directly in a
        root belong to the folder `""`.

        Args:
            known: Stored path of a folder → its last stamp.
            roots: Roots to read, from `roots`; all by default.

        Raises:
            LibraryUnavailableError: If a root is missing or cannot be read.
        """

    async def changes(self) -> AsyncIterator[set[str]]:
        """Yield the stored paths of series folders that changed, and empty sets in between.

        It ends when nothing can be watched: the library is on network drives only, or the adapter
        cannot watch. It also ends when a root disappears, returns or is another disk than before;
        changes from then on are not yielded.

        Raises:
            LibraryNotSetError: If no library folder is set.
            LibraryUnavailableError: If a folder cannot be watched.
        """
        nothing: tuple[set[str], ...] = ()
        for each in nothing:
            yield each

    async def read_folders(self, paths: Collection[str]) -> Sequence[FolderContents]:
        """Return the contents of these folders, given by stored path; missing ones are left out.

        Raises:
            LibraryUnavailableError: If a root is missing or cannot be read.
        """
        found: list[FolderContents] = []
        async for batch in self.survey():
            found += (contents for contents in batch if contents.path in paths)
        return found

    async def folder_marks(self, paths: Collection[str]) -> "Mapping[str, FolderMarks]":
        """Return what the key file and the NFO of these folders say; folders without are left out.

        Args:
            paths: Stored paths of folders. Missing and unreadable ones are left out, too.
        """
        return {}

    @abstractmethod
    async def stat(self, files: Collection[str]) -> Mapping[str, tuple[int, int]]:
        """Return size and modification time in nanoseconds of files that can be read.

        Args:
            files: Stored paths.
        """

    async def first_folder(self, names: Sequence[FolderName]) -> FolderContents | None:
        """Return the content of the first existing folder of these names, or `None`.

        Names are compared without case and Unicode form. Adapters need not read the whole library.

        Raises:
            LibraryUnavailableError: If the root is missing or cannot be read.
        """
        # Slow to import: it compiles the rules for names of folders.
        from aniworld_core.domain.library import fold_name

        wanted = [fold_name(name) for name in names]
        found: dict[str, FolderContents] = {}
        async for batch in self.survey():
            found |= {fold_name(c.folder): c for c in batch if fold_name(c.folder) in wanted}
        return next((found[name] for name in wanted if name in found), None)

    @abstractmethod
    async def destination(self, path: PurePosixPath) -> Path:
        """Return the absolute path of a file below the root, and create its folders.

        Raises:
            UnsafePathError: If the path is outside the root, also through a link.
            LibraryUnavailableError: If the root is missing or cannot be written.
            DiskFullError: If there is no space for a folder.
        """

    @abstractmethod
    def relative(self, path: Path) -> str:
        """Return a path below the root as text with forward slashes.

        Raises:
            UnsafePathError: If it lies outside the root.
        """

    @abstractmethod
    async def find_file(self, path: PurePosixPath) -> str | None:
        """Return an existing video file of this name with any container suffix, or `None`.

        Args:
            path: Relative to the root, without suffix.
        """

    @abstractmethod
    async def clear_leftovers(self, file: str) -> None:
        """Delete files of unfinished transfers beside a finished file. Idempotent.

        Args:
            file: The finished file, relative to the root. Leftovers are the files that a valid
                ledger `<stem>.<suffix>.part.ledger` identifies. Everything else stays, whatever
                its name, and so do the files of a running transfer of any process.

        Raises:
            LibraryUnavailableError: If the folder cannot be read or written.
        """

    async def unfinished(self) -> Sequence[UnfinishedFile]:
        """Return the files of unfinished transfers that are not running.

        Only files that a ledger identifies are returned.

        Raises:
            LibraryUnavailableError: If the root is missing or cannot be read.
        """
        return ()

    async def remove_unfinished(self, file: UnfinishedFile) -> None:
        """Delete the files of an unfinished transfer, unless it is running. Idempotent.

        Raises:
            LibraryUnavailableError: If it cannot be deleted.
        """
        return

    @abstractmethod
    async def check(self, files: Sequence[str]) -> Mapping[str, str]:
        """Check the structure of files and return those that are no media or are cut off.

        Returns:
            File → reason, for bad files only: unreadable, empty, cut off, or no media container.
        """

    @abstractmethod
    async def fingerprints(self, files: Collection[str]) -> Mapping[str, str]:
        """Return a hash of the size and of sampled content of each file; never the whole file.

        Equal files have equal fingerprints, whatever their names and times. Files that cannot be
        read, and what is no regular file, are left out.

        Args:
            files: Stored paths.
        """

    @abstractmethod
    async def free_bytes(self) -> int:
        """Return the free bytes below the root.

        Raises:
            LibraryUnavailableError: If the root is missing.
        """
