"""The library folder on disk."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath

import attrs

from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import fold_name


@attrs.frozen(kw_only=True)
class FolderContents:
    """What one series folder holds.

    Attributes:
        folder: The folder below the library root.
        stamp: Changes whenever an entry is added, removed or renamed anywhere inside.
        files: Video files relative to the folder, with forward slashes, sorted.
        unreadable: Entries that could not be read, with the reason.
        is_unchanged: Whether the stamp is the known one; then `files` was not looked at.
    """

    folder: FolderName
    stamp: str
    files: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    is_unchanged: bool = False


@attrs.frozen(kw_only=True)
class UnfinishedFile:
    """What an unfinished transfer left.

    Attributes:
        final: The path the file was to have, relative to the library root.
        bytes: How much disk it takes, with what belongs to it.
    """

    final: str
    bytes: int


class MediaLibrary(ABC):
    """Reads the library folder and gives out places in it; never leads outside its root."""

    @property
    @abstractmethod
    def root(self) -> Path:
        """The library root, absolute."""

    @abstractmethod
    def survey(
        self, known: Mapping[FolderName, str] | None = None
    ) -> AsyncIterator[Sequence[FolderContents]]:
        """Walk the whole library in batches of folders, ordered by name.

        Hidden entries, partial files, samples, trailers and links that lead outside are passed
        over. A folder whose stamp is the *known* one is reported without its files. Loose video
        files in the root belong to the folder named "" (empty).

        Raises:
            LibraryUnavailableError: If the root is missing or cannot be read.
        """

    async def first_folder(self, names: Sequence[FolderName]) -> FolderContents | None:
        """Return what the first existing folder of these names holds, or `None`.

        Names are compared without case and Unicode forms; adapters need not walk everything.

        Raises:
            LibraryUnavailableError: If the root is missing or cannot be read.
        """
        wanted = [fold_name(name) for name in names]
        found: dict[str, FolderContents] = {}
        async for batch in self.survey():
            found |= {fold_name(c.folder): c for c in batch if fold_name(c.folder) in wanted}
        return next((found[name] for name in wanted if name in found), None)

    @abstractmethod
    async def destination(self, path: PurePosixPath) -> Path:
        """Return the absolute path of a file below the root; its folders exist afterwards.

        Raises:
            UnsafePathError: If it would lead outside the root, also through a link.
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
        """Delete what an unfinished transfer left beside a finished file. Idempotent.

        Args:
            file: The finished file, relative to the root; leftovers are its siblings whose
                names start with its name, with whatever suffix, and `.part`. Those of a
                transfer that is running, in whatever process, stay.

        Raises:
            LibraryUnavailableError: If the folder cannot be read or written.
        """

    async def unfinished(self) -> Sequence[UnfinishedFile]:
        """Return what unfinished transfers left that are not running.

        Only what a ledger proves to be ours counts. A library without ledgers has none.

        Raises:
            LibraryUnavailableError: If the root is missing or cannot be read.
        """
        return ()

    async def remove_unfinished(self, file: UnfinishedFile) -> None:
        """Delete what an unfinished transfer left, unless it is in use by now. Idempotent.

        Raises:
            LibraryUnavailableError: If it cannot be deleted.
        """
        return

    @abstractmethod
    async def recycle(self, folder: FolderName, at: datetime) -> str | None:
        """Move a folder with all it holds to the recycle bin, below the root.

        The bin is passed over by `survey`. Nothing in it is ever replaced or deleted; what has
        the same name and time gets a number. Moved in one step, or not at all.

        Args:
            folder: The folder below the root.
            at: When; part of its place in the bin.

        Returns:
            Its place there, relative to the root, or `None` if there is no such folder.

        Raises:
            UnsafePathError: If it lies outside the root, also through a link, or is the root.
            LibraryUnavailableError: If the root is missing or cannot be written.
            DiskFullError: If there is no space for a folder.
        """

    @abstractmethod
    async def move_in(self, staged: str, stem: PurePosixPath) -> str:
        """Give a file that waits elsewhere below the root its place, with its subtitles.

        Nothing is ever replaced. Its folder is removed if nothing else is in it.

        Args:
            staged: The file, relative to the root; its subtitles are its siblings whose names
                start with its name without suffix.
            stem: Its place, relative to the root, without suffix.

        Returns:
            The file at its place, relative to the root.

        Raises:
            FileExistsConflictError: If a file has that name.
            UnsafePathError: If either lies outside the root, also through a link.
            LibraryUnavailableError: If the root is missing or cannot be written.
            DiskFullError: If there is no space for a folder.
        """

    @abstractmethod
    async def check(self, files: Sequence[str]) -> Mapping[str, str]:
        """Look at the first bytes of files and tell which cannot be what their names say.

        Returns:
            File → reason, for the bad ones only: unreadable, empty, or no media container.
        """

    @abstractmethod
    async def free_bytes(self) -> int:
        """Return how much may still be written below the root.

        Raises:
            LibraryUnavailableError: If the root is missing.
        """
