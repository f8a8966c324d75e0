"""Files and folders of the library that need a decision."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

import attrs

from aniworld_core.application.catalogue import ErrorView
from aniworld_core.application.library.adoptable_folders import AdoptableFolder, AdoptableFolders
from aniworld_core.application.library.deletions import open_deletions
from aniworld_core.application.library.scan_views import (
    AdoptableView,
    DeletedFileView,
    LibraryFileView,
    LossView,
)
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.domain.library import DeletedFile, FileState, LibraryFile, LibraryLoss
from aniworld_core.errors import AniworldError, LibraryNotSetError, LibraryUnavailableError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.ports.series import SeriesRepository

#: Time for which the number of folders without a series stays, unless the library changes.
_COUNT_LASTS: Final = timedelta(minutes=1)


class AttentionKind(StrEnum):
    """What needs a decision, in the order of urgency."""

    LOSSES = "losses"  #: parts of the library in which too much is gone
    DELETED = "deleted"  #: files that somebody deleted, whose episodes are missing now
    FOLDERS = "folders"  #: folders that belong to no series
    UNSURE = "unsure"
    DAMAGED = "damaged"
    SUSPECT = "suspect"
    VERSION = "version"
    EXTRA = "extra"

    @property
    def state(self) -> FileState | None:
        """The state of its files; `None` if it is not about single files."""
        return None if self in _NO_FILES else FileState(self.value)

    @property
    def is_optional(self) -> bool:
        """Whether nothing is wrong, so that it is listed but not counted as a decision."""
        return self in {AttentionKind.VERSION, AttentionKind.EXTRA}


_NO_FILES: Final = frozenset({AttentionKind.LOSSES, AttentionKind.DELETED, AttentionKind.FOLDERS})


@attrs.frozen(kw_only=True)
class AttentionOverview:
    """What needs a decision.

    Attributes:
        counts: Number of entries of every kind.
        losses: Losses.
        deleted: Deleted files.
        folders: Folders of no series with proposed stored series.
        files: Files by kind.
        problem: Why the folders of no series cannot be listed; `None` if they can.
    """

    counts: Mapping[AttentionKind, int]
    losses: Sequence[LibraryLoss]
    deleted: Sequence[DeletedFile]
    folders: Sequence[AdoptableFolder]
    files: Mapping[AttentionKind, Sequence[LibraryFile]]
    problem: AniworldError | None = None

    @property
    def decisions(self) -> int:
        """Number of entries that a person has to decide about."""
        return sum(count for kind, count in self.counts.items() if not kind.is_optional)


class _Folders(NamedTuple):
    """Folders of no series, as they were found."""

    revision: str
    at: datetime
    found: Sequence[AdoptableFolder]
    problem: AniworldError | None


@attrs.define(eq=False, kw_only=True)
class LibraryAttention:
    """Lists what of the library needs a decision."""

    _files: LibraryFileRepository
    _series: SeriesRepository
    _adoptable: AdoptableFolders
    _clock: Clock
    _last: _Folders | None = attrs.field(default=None, init=False)

    async def overview(
        self,
        kinds: Collection[AttentionKind] = tuple(AttentionKind),
        *,
        limit: int = 0,
        offset: int = 0,
    ) -> AttentionOverview:
        """Return the number of entries of every kind, and the entries of some.

        A library that cannot be read is no error: its folders of no series are left out.

        Args:
            kinds: Kinds whose entries are listed.
            limit: Largest number of entries of each kind; 0 returns the numbers only.
            offset: Number of entries of each kind to skip.

        Raises:
            StorageUnavailableError: If the database cannot be read.
        """
        part = slice(offset, offset + limit)
        losses = await self._files.losses()
        deleted = await open_deletions(self._files, self._series)
        folders = await self._folders(is_fresh=limit > 0 and AttentionKind.FOLDERS in kinds)
        counts = {
            AttentionKind.LOSSES: len(losses),
            AttentionKind.DELETED: len(deleted),
            AttentionKind.FOLDERS: len(folders.found),
        }
        files: dict[AttentionKind, Sequence[LibraryFile]] = {}
        states = await self._files.counts()
        for kind in AttentionKind:
            if kind.state is None:
                continue
            counts[kind] = states[kind.state]
            if limit and kind in kinds:
                page = await self._files.find([kind.state], limit=limit, offset=offset)
                files[kind] = page.items
        return AttentionOverview(
            counts=counts,
            losses=losses[part] if AttentionKind.LOSSES in kinds else (),
            deleted=deleted[part] if AttentionKind.DELETED in kinds else (),
            folders=folders.found[part] if AttentionKind.FOLDERS in kinds else (),
            files=files,
            problem=folders.problem,
        )

    async def deleted(self) -> Sequence[DeletedFile]:
        """Return the files that somebody deleted, whose episodes are missing and wanted.

        Raises:
            StorageUnavailableError: If the database cannot be read.
        """
        return await open_deletions(self._files, self._series)

    async def leave_missing(self, episodes: Collection[EpisodeRef]) -> None:
        """Decide that episodes whose files were deleted stay missing; others are skipped.

        Raises:
            StorageUnavailableError: If it cannot be stored.
        """
        await self._files.forget_deleted(episodes)

    async def _folders(self, *, is_fresh: bool) -> _Folders:
        """Return the folders of no series; for their number, those of the last minute do."""
        revision, now = await self._series.revision(), self._clock.now()
        last = self._last
        if last is not None and not is_fresh:
            is_valid = last.revision == revision and now - last.at < _COUNT_LASTS
            if is_valid:
                return last
        found: Sequence[AdoptableFolder] = ()
        problem: AniworldError | None = None
        try:
            found = await self._adoptable.find()
        except LibraryNotSetError:
            pass
        except LibraryUnavailableError as error:
            problem = error
        self._last = _Folders(revision, now, found, problem)
        return self._last


@attrs.frozen(kw_only=True)
class AttentionView:
    """What needs a decision.

    Attributes:
        decisions: Number of entries that a person has to decide about: everything but further
            versions and extra videos.
        counts: Number of all entries by kind.
        losses: Parts of the library in which too much is gone.
        deleted: Files that somebody deleted; their episodes are missing until they are not wanted.
        folders: Folders that belong to no series.
        files: Files by state.
        problem: Why the folders cannot be listed; null if they can.
    """

    decisions: int
    counts: Mapping[str, int]
    losses: tuple[LossView, ...]
    deleted: tuple[DeletedFileView, ...]
    folders: tuple[AdoptableView, ...]
    files: Mapping[str, tuple[LibraryFileView, ...]]
    problem: ErrorView | None

    @classmethod
    def of(cls, overview: AttentionOverview) -> "AttentionView":
        """Return the view of an overview."""
        problem = overview.problem
        return cls(
            decisions=overview.decisions,
            counts={kind.value: count for kind, count in overview.counts.items()},
            losses=tuple(map(LossView.of, overview.losses)),
            deleted=tuple(map(DeletedFileView.of, overview.deleted)),
            folders=tuple(map(AdoptableView.of, overview.folders)),
            files={
                kind.value: tuple(map(LibraryFileView.of, files))
                for kind, files in overview.files.items()
            },
            problem=None if problem is None else ErrorView.of(problem),
        )
