"""Storage of the files, folders and losses of the library."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence

from aniworld_core.domain.catalogue import Page
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.library import (
    DeletedFile,
    FileState,
    LibraryFile,
    LibraryFolder,
    LibraryLoss,
)


class LibraryFileRepository(ABC):
    """Store one record per file of the library, and the state of scans.

    Every call is one transaction. Records of removed series stay; the scan assigns their files
    again. Any method may raise
    `StorageUnavailableError`.
    """

    @abstractmethod
    async def get(self, paths: Collection[str]) -> Mapping[str, LibraryFile]:
        """Return the records of these stored paths; paths without a record are left out."""

    @abstractmethod
    async def of_series(self, key: SeriesKey) -> Sequence[LibraryFile]:
        """Return the files of a series in every state, ordered by path."""

    @abstractmethod
    async def of_many(
        self, keys: Collection[SeriesKey]
    ) -> Mapping[SeriesKey, Sequence[LibraryFile]]:
        """Return the files of these series in every state, ordered by path.

        Series without files are left out.
        """

    @abstractmethod
    async def below(self, folders: Collection[str]) -> Sequence[LibraryFile]:
        """Return the files in these folders and their subfolders, ordered by path.

        Args:
            folders: Stored paths of folders; `""` returns only files directly in the main root.
        """

    @abstractmethod
    async def stamps_below(self, folders: Collection[str]) -> Mapping[str, tuple[int, int]]:
        """Return size and time of the files in these folders by path; cheaper than `below`.

        Args:
            folders: As for `below`.
        """

    @abstractmethod
    async def find(
        self,
        states: Collection[FileState],
        *,
        series: SeriesKey | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> Page[LibraryFile]:
        """Return files in these states, ordered by path, with the number of all of them.

        Args:
            states: States of the files.
            series: Only files of this series; `None` for all files.
            limit: Number of files to return; `None` for all.
            offset: Number of files to skip.
        """

    @abstractmethod
    async def paths(self, states: Collection[FileState]) -> Sequence[str]:
        """Return the paths of the files in these states, sorted; cheaper than `find`."""

    @abstractmethod
    async def with_reason(self, kind: str) -> Sequence[LibraryFile]:
        """Return the files whose reason has this kind and whose state is not `present`."""

    @abstractmethod
    async def by_fingerprint(
        self, fingerprints: Collection[str]
    ) -> Mapping[str, Sequence[LibraryFile]]:
        """Return the files of each fingerprint, ordered by path; an empty one matches nothing."""

    @abstractmethod
    async def uninspected(
        self, *, with_sound: bool, after: str = "", limit: int
    ) -> Sequence[LibraryFile]:
        """Return files without fingerprint or facts, ordered by path.

        Damaged and ignored files are left out.

        Args:
            with_sound: Also return files whose audio was not sampled.
            after: Only paths that are sorted behind this one.
            limit: Number of files to return.
        """

    @abstractmethod
    async def counts(self) -> Mapping[FileState, int]:
        """Return the number of files in every state, also of states without files."""

    @abstractmethod
    async def sizes(self, keys: Collection[SeriesKey] | None = None) -> Mapping[SeriesKey, int]:
        """Return the bytes of all files of each series, in every state; empty ones are left out.

        Args:
            keys: Only these series; `None` for all, of which some may be removed already.
        """

    @abstractmethod
    async def sizes_of_roots(self, roots: Collection[str]) -> Mapping[str, int]:
        """Return the bytes of all files in each library root, in every state.

        Args:
            roots: Names of roots: empty for the main root, otherwise its absolute POSIX path. A
                file in a root that is part of another root counts for both.
        """

    @abstractmethod
    async def save(self, files: Collection[LibraryFile]) -> None:
        """Store records; a record of the same path is replaced as a whole."""

    @abstractmethod
    async def forget(self, paths: Collection[str]) -> None:
        """Delete the records of these paths; unknown paths are skipped."""

    @abstractmethod
    async def folders(self) -> Sequence[LibraryFolder]:
        """Return every stored folder, ordered by path."""

    @abstractmethod
    async def save_folders(
        self, folders: Collection[LibraryFolder], *, gone: Collection[str] = ()
    ) -> None:
        """Store folders, replacing those of the same path, and delete the *gone* paths."""

    @abstractmethod
    async def deleted(self) -> Sequence[DeletedFile]:
        """Return the noted deletions, ordered by series, season and number."""

    @abstractmethod
    async def note_deleted(self, files: Collection[DeletedFile]) -> None:
        """Store deletions; one of the same episode is replaced."""

    @abstractmethod
    async def forget_deleted(self, episodes: Collection[EpisodeRef]) -> None:
        """Remove the deletions of these episodes; unknown ones are skipped."""

    @abstractmethod
    async def losses(self) -> Sequence[LibraryLoss]:
        """Return the losses that no person has confirmed, ordered by path."""

    @abstractmethod
    async def save_losses(self, losses: Collection[LibraryLoss]) -> None:
        """Replace all stored losses by these."""
