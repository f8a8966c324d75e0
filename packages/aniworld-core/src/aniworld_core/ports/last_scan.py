"""What the last scan stored, for a look that costs less than opening the storage."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import attrs

from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import FileState, LibraryFile, LibraryFolder
from aniworld_core.domain.shared_state import ScanNote


@attrs.frozen(kw_only=True)
class StoredScan:
    """The result of the last scan.

    Attributes:
        series: Folder of every series.
        counts: Number of files in every state, also of states without files.
        missing: Number of missing episodes.
        noted: Files that a report names, ordered by path: extra, unsure and damaged ones, and links
            that lead outside. Only path, state and reason are set.
        ignored: Ignored files directly in a library root: path → reason.
    """

    series: Mapping[SeriesKey, FolderName]
    counts: Mapping[FileState, int]
    missing: int
    noted: Sequence[LibraryFile]
    ignored: Mapping[str, str]


class LastScan(ABC):
    """Read what the last scan stored.

    Any method may raise `StorageUnavailableError` or `StorageCorruptError`; then the storage has to
    be opened, which says more.
    """

    @abstractmethod
    async def result(self) -> StoredScan | None:
        """Return the result; `None` if a loss, a deletion or a change of files is open."""

    @abstractmethod
    async def folders(self) -> Sequence[LibraryFolder]:
        """Return what `LibraryFileRepository.folders` does."""

    @abstractmethod
    async def stamps_below(self, folders: Collection[str]) -> Mapping[str, tuple[int, int]]:
        """Return what `LibraryFileRepository.stamps_below` does."""

    @abstractmethod
    async def files_of(self, keys: Collection[SeriesKey]) -> Mapping[SeriesKey, Collection[str]]:
        """Return what `SeriesRepository.files_of` does, in any order."""

    @abstractmethod
    async def note(self, note: ScanNote) -> None:
        """Store the note of a scan without failure, as `SharedStateRepository.note_scan` does."""


#: Opens what the last scan stored in the database of a URL; the type of the entry point
#: `aniworld.last_scan`. It yields `None` if only the storage can be used: there is no database, or
#: one of another version.
OpenLastScan: TypeAlias = Callable[[str], AbstractAsyncContextManager[LastScan | None]]
