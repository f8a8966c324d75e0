"""Rename, import, delete and undo: plan, show, apply exactly what was shown."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Final, NamedTuple

import attrs

from aniworld_core.application.library.changes.assembly import WantedFiles, assembled
from aniworld_core.application.library.changes.deletions import DeletionPlanner
from aniworld_core.application.library.changes.imports import (
    ImportDraft,
    ImportPlanner,
    ImportRequest,
)
from aniworld_core.application.library.changes.renames import RenamePlanner
from aniworld_core.application.library.changes.runner import WAIT, ChangeRunner
from aniworld_core.application.library.changes.sidecars import SidecarPlanner, SidecarRequest
from aniworld_core.domain.catalogue import Page
from aniworld_core.domain.identity import ChangeId, SeriesKey
from aniworld_core.domain.library import (
    BIN,
    ChangeAction,
    ChangeEntry,
    ChangeOrigin,
    ChangePlan,
    ChangeStatus,
    EpisodeFileChange,
    FileChange,
    LibraryChange,
    companions_of,
    fold_name,
    video_suffix,
)
from aniworld_core.errors import (
    ChangeRefusedError,
    FileExistsConflictError,
    PlanChangedError,
    UnsafePathError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.change_journal import ChangeJournal
from aniworld_core.ports.file_operations import FileOperations

#: Changes among which a removal is looked for.
_LATE: Final = 100


class AppliedPlan(NamedTuple):
    """A plan and the change that applied it; `None` if there was nothing to change."""

    plan: ChangePlan
    change: LibraryChange | None


@attrs.define(eq=False, kw_only=True)
class LibraryChanges:
    """All changes of library files besides the publication of a new download."""

    _runner: ChangeRunner
    _renames: RenamePlanner
    _imports: ImportPlanner
    _sidecars: SidecarPlanner
    _deletions: DeletionPlanner
    _journal: ChangeJournal
    _files: FileOperations

    async def plan_rename(self, keys: Sequence[SeriesKey] = ()) -> ChangePlan:
        """Plan to rename files after the templates; see `RenamePlanner.plan`."""
        return await self._renames.plan(keys)

    async def rename(
        self, keys: Sequence[SeriesKey] = (), *, digest: str | None = None
    ) -> AppliedPlan:
        """Rename files after the templates.

        Args:
            keys: The series; none for all.
            digest: Digest of the plan that was shown; `None` to apply the present one.

        Returns:
            The plan and the applied change; no change if there is nothing to rename.

        Raises:
            PlanChangedError: If the plan is no longer the one that was shown.
            AniworldError: What `RenamePlanner.plan` and `ChangeRunner.apply` raise.
        """
        return await self._applied(await self._renames.plan(keys), digest)

    async def plan_import(self, request: ImportRequest) -> ImportDraft:
        """Plan to import a folder; see `ImportPlanner.draft`."""
        return await self._imports.draft(request)

    async def import_folder(
        self, request: ImportRequest, *, digest: str | None = None
    ) -> AppliedPlan:
        """Import the files of a folder that are sure; see `rename` for the rest."""
        draft = await self._imports.draft(request)
        return await self._applied(draft.plan, digest)

    async def plan_sidecars(self, request: SidecarRequest) -> ChangePlan:
        """Plan NFO files and pictures; see `SidecarPlanner.plan`."""
        return await self._sidecars.plan(request)

    async def write_sidecars(
        self, request: SidecarRequest, *, digest: str | None = None
    ) -> AppliedPlan:
        """Write NFO files and pictures; see `rename` for the rest."""
        return await self._applied(await self._sidecars.plan(request), digest)

    async def plan_deletion(self, path: str) -> ChangePlan:
        """Plan to move a file to the recycle bin; see `DeletionPlanner.plan`."""
        return await self._deletions.plan(path)

    async def apply(self, plan: ChangePlan, *, wait: timedelta | None = WAIT) -> LibraryChange:
        """Apply a plan of another use case; see `ChangeRunner.apply`."""
        return await self._runner.apply(plan, wait=wait)

    async def recycle(
        self,
        path: str,
        *,
        origin: ChangeOrigin,
        title: str,
        removed_series: SeriesKey | None = None,
    ) -> LibraryChange | None:
        """Move a file or folder to the recycle bin; undo moves it back.

        Args:
            path: Stored path of the file or folder.
            origin: What it is done for.
            title: What is changed, for people.
            removed_series: A series that is removed together with its folder.

        Returns:
            The change; `None` if there is no such file or folder and no series to remove.

        Raises:
            ChangeRefusedError: If it is a special file.
            UnsafePathError: If it is outside the library, or in the recycle bin already.
            AniworldError: What `ChangeRunner.apply` raises.
        """
        if PurePosixPath(path).parts[:1] == (BIN,):
            raise UnsafePathError(path, Message("in_bin_already"))
        entry = (await self._files.look([path]))[path]
        if entry is None and removed_series is None:
            return None
        changes: tuple[FileChange, ...] = ()
        if entry is not None:
            if entry.stamp is None and not entry.is_folder and not entry.is_link:
                raise ChangeRefusedError(path, Message("not_a_regular_file"))
            changes = (
                FileChange(
                    action=ChangeAction.BIN,
                    source=path,
                    stamp=entry.stamp,
                    bin=self._files.bin_folder(path),
                ),
            )
        plan = ChangePlan(
            origin=origin, title=title, changes=changes, removed_series=removed_series
        )
        return await self._runner.apply(plan, wait=None)

    async def exchange(
        self,
        staged: str,
        stem: PurePosixPath,
        *,
        old: str | None,
        title: str,
        episodes: Sequence[EpisodeFileChange],
    ) -> str:
        """Move a staged file with its companions to its final path, and the old file to the bin.

        Undo moves the old file back, and the new one to the recycle bin.

        Args:
            staged: Stored path of the new file.
            stem: Final path without suffix.
            old: Stored path of the file that it replaces; `None` if that is gone already.
            title: What is changed, for people.
            episodes: Episodes of the new file.

        Returns:
            The stored path of the new file.

        Raises:
            FileExistsConflictError: If another file has the name.
            AniworldError: What `ChangeRunner.apply` raises.
        """
        place = PurePosixPath(staged)
        suffix = video_suffix(place.name)
        old_stem = place.name.removesuffix(suffix)
        names = companions_of(await self._files.names(str(place.parent)))
        files = {staged: f"{stem}{suffix}"}
        for name in names.get(place.name, ()):
            files[str(place.with_name(name))] = f"{stem}{name.removeprefix(old_stem)}"
        group = WantedFiles(
            files=files,
            episodes=tuple(episodes),
            replaces=() if old is None else await self._with_taken(old, files),
            is_staged=True,
        )
        plan = await assembled(
            self._files, origin=ChangeOrigin.REPLACEMENT, title=title, wanted=[group]
        )
        if plan.refusals:
            raise FileExistsConflictError(plan.refusals[0].target)
        await self._runner.apply(plan, wait=None)
        return files[staged]

    async def _with_taken(self, old: str, files: Mapping[str, str]) -> tuple[str, ...]:
        """Return the old file and its companions whose names the new ones need."""
        place = PurePosixPath(old)
        wanted = {fold_name(target) for target in files.values()}
        names = companions_of(await self._files.names(str(place.parent))).get(place.name, ())
        taken = [str(place.with_name(name)) for name in names]
        return (old, *(path for path in taken if fold_name(path) in wanted))

    async def undo(self, change_id: ChangeId) -> LibraryChange:
        """Undo a change; see `ChangeRunner.undo`."""
        return await self._runner.undo(change_id)

    async def recover(self) -> Sequence[LibraryChange]:
        """Finish the changes of processes that have ended; see `ChangeRunner.recover`."""
        return await self._runner.recover()

    async def history(self, *, limit: int | None = None, offset: int = 0) -> Page[ChangeEntry]:
        """Return the changes, newest first."""
        return await self._journal.find(limit=limit, offset=offset)

    async def get(self, change_id: ChangeId) -> LibraryChange:
        """Return a change with its steps.

        Raises:
            ChangeNotFoundError: If there is no such change.
        """
        return await self._journal.get(change_id)

    async def removal_of(self, key: SeriesKey) -> LibraryChange | None:
        """Return the change of late that removed a series with its folder and is in force."""
        for entry in (await self._journal.find(limit=_LATE)).items:
            if entry.origin is ChangeOrigin.REMOVAL and not entry.is_undone:
                change = await self._journal.get(entry.id)
                if change.removed_series == key and change.status is ChangeStatus.DONE:
                    return change
        return None

    async def _applied(self, plan: ChangePlan, digest: str | None) -> AppliedPlan:
        if digest is not None and plan.digest != digest:
            raise PlanChangedError
        change = await self._runner.apply(plan) if plan.changes else None
        return AppliedPlan(plan, change)
