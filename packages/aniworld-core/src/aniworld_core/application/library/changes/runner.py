"""Apply, undo and recover changes of library files: journal first, then step by step."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import anyio
import attrs

from aniworld_core.application.library.changes.effects import ChangeEffects
from aniworld_core.domain.identity import ChangeId
from aniworld_core.domain.library import (
    ChangeOrigin,
    ChangePlan,
    ChangeStatus,
    JournalStep,
    LibraryChange,
    Step,
    StepKind,
    StepState,
    changed_folders,
    is_in_bin,
    needed_folders,
    step_problems,
    steps_of,
    undo_steps,
    without_lost,
)
from aniworld_core.errors import (
    AniworldError,
    ChangeOutOfSpaceError,
    ChangeRefusedError,
    ChangeRevertedError,
    ChangeStuckError,
    ConflictError,
    DiskFullError,
    StorageUnavailableError,
    UndoRefusedError,
)
from aniworld_core.events import LibraryChangeFinished, LibraryChangeStarted
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.change_journal import ChangeJournal
from aniworld_core.ports.change_lock import ChangeLock
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.file_operations import FileOperations

logger: logging.Logger = logging.getLogger(__name__)

#: How long a person waits for another change to end.
WAIT: Final = timedelta(seconds=5)


@attrs.define(eq=False, kw_only=True)
class ChangeRunner:
    """Applies changes so that each is done completely or not at all.

    A change is journalled before its first step. When a step fails or the caller is cancelled,
    the steps before it are rolled back. After the end of the process, `recover` completes the
    change, or rolls it back if it cannot be completed. If neither works, because the disk is
    away or read-only, the change stays stuck until `recover` or `undo` succeeds. Until then no
    other change uses its paths.
    """

    _journal: ChangeJournal
    _files: FileOperations
    _effects: ChangeEffects
    _lock: ChangeLock
    _bus: ProgressBus
    _clock: Clock

    async def apply(self, plan: ChangePlan, *, wait: timedelta | None = WAIT) -> LibraryChange:
        """Apply a plan completely.

        Raises:
            LibraryBusyError: If another change runs for longer than *wait*.
            ChangeRefusedError: If a file is not as planned; nothing was changed.
            FolderTakenError: If another series has a folder that one of the change gets.
            ChangeRevertedError: If the disk failed; nothing was changed.
            ChangeStuckError: If it failed and cannot be rolled back yet.
            StorageUnavailableError: If the journal cannot be written; recovery will finish.
        """
        async with self._lock.hold(wait):
            await self._recover()
            at = self._clock.now()
            steps = steps_of(plan, at=at)
            return await self._execute(
                LibraryChange(
                    id=ChangeId(0),
                    origin=plan.origin,
                    title=plan.title,
                    at=at,
                    steps=tuple(JournalStep(step=step) for step in steps),
                    episodes=plan.episodes,
                    folders=plan.folders,
                    removed_series=plan.removed_series,
                    restored_series=plan.restored_series,
                    undoes=plan.undoes,
                )
            )

    async def undo(self, change_id: ChangeId) -> LibraryChange:
        """Undo a change, or finish the recovery of a stuck one.

        Files that the recycle bin no longer holds stay away, and the files that replaced them
        stay; the reason of the returned change says so. If nothing else is left to undo, it is
        refused.

        Returns:
            The new change that undoes it; the stuck change itself after its recovery.

        Raises:
            ChangeNotFoundError: If there is no such change.
            UndoRefusedError: If it is undone already or was never applied.
            ChangeRefusedError: If a file was changed or a name is taken since.
            FolderTakenError: If another series has the former folder since.
            LibraryBusyError: If another change is running.
            ChangeRevertedError: If the disk failed; nothing was changed.
            ChangeStuckError: If it cannot be finished yet.
        """
        async with self._lock.hold(WAIT):
            before = await self._journal.get(change_id)
            await self._recover()
            change = await self._journal.get(change_id)
            if change.status is ChangeStatus.STUCK:
                raise ChangeStuckError(change.id, change.title, change.reason)
            if before.status is ChangeStatus.STUCK:
                return change
            if change.status is ChangeStatus.REVERTED:
                raise UndoRefusedError(change_id, Message("never_applied"))
            if (await self._journal.entry(change_id)).is_undone:
                raise UndoRefusedError(change_id, Message("undone_already"))
            return await self._execute(await self._undo_of(change))

    async def recover(self) -> Sequence[LibraryChange]:
        """Complete or roll back the changes whose process has ended.

        Returns:
            The changes with their new status; none if another process holds the lock, because
            that process has recovered them.
        """
        if not await self._journal.unfinished():
            return ()
        async with self._lock.hold(timedelta()):
            return await self._recover()

    async def _undo_of(self, change: LibraryChange) -> LibraryChange:
        at = self._clock.now()
        steps = tuple(noted.applied for noted in change.steps)
        binned = [step.target for step in steps if is_in_bin(step.target)]
        looked = await self._files.look(binned)
        present = [path for path, entry in looked.items() if entry is not None]
        part = without_lost(steps, change.episodes, present)
        if part.is_empty:  # refused, with the file that the recycle bin no longer holds
            part = attrs.evolve(part, steps=steps, episodes=change.episodes, lost=())
        back = undo_steps(part.steps, at=at, token=f"undo-{change.id}")
        # A later change may have removed a folder that is empty now.
        found = await self._files.look(needed_folders(back))
        missing = [folder for folder, entry in found.items() if entry is None]
        back = (*(Step(kind=StepKind.MAKE_FOLDER, target=f) for f in missing), *back)
        return LibraryChange(
            id=ChangeId(0),
            origin=ChangeOrigin.UNDO,
            title=change.title,
            at=at,
            steps=tuple(JournalStep(step=step) for step in back),
            episodes=tuple(episode.undone for episode in part.episodes),
            reason=Message("undone_partly", count=len(part.lost)) if part.lost else "",
            folders=tuple(folders.undone for folders in change.folders),
            removed_series=change.restored_series,
            restored_series=change.removed_series,
            undoes=change.id,
        )

    async def _execute(self, change: LibraryChange) -> LibraryChange:
        """Check a change against the files, store it in the journal and run it."""
        steps = [each.step for each in change.steps]
        paths = _paths(change)
        for stuck in await self._journal.unfinished():
            if paths & _paths(stuck):
                raise ChangeStuckError(stuck.id, stuck.title, stuck.reason)
        problems = step_problems(steps, await self._files.look(sorted(paths)))
        if problems:
            first = problems[0]
            raise ChangeRefusedError(first.path, first.reason, len(problems) - 1)
        await self._effects.check(change)
        begun = await self._journal.begin(change)
        try:
            await self._bus.publish(
                LibraryChangeStarted(
                    change_id=begun.id, origin=begun.origin, title=begun.title, at=begun.at
                )
            )
            await self._run(begun)
        except StorageUnavailableError:
            raise  # without the journal nothing more is done; recovery finishes the change
        except AniworldError as error:
            with anyio.CancelScope(shield=True):
                await self._roll_back(begun.id, error, is_own=True)
            if isinstance(error, ConflictError):
                raise
            if isinstance(error, DiskFullError):
                raise ChangeOutOfSpaceError(error.path) from error
            raise ChangeRevertedError(_place(error) or change.title, _reason(error)) from error
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._roll_back(begun.id, None, is_own=True)
            raise
        await self._announce(begun)
        return await self._journal.get(begun.id)

    async def _announce(self, change: LibraryChange) -> None:
        """Publish that a change was applied completely."""
        steps = [noted.step for noted in change.steps]
        left = changed_folders(steps, arriving=False)
        await self._bus.publish(
            LibraryChangeFinished(
                change_id=change.id,
                origin=change.origin,
                folders=tuple(sorted({*left, *changed_folders(steps, arriving=True)})),
                left=tuple(sorted(left)),
                at=self._clock.now(),
            )
        )

    async def _recover(self) -> Sequence[LibraryChange]:
        found = await self._journal.unfinished()
        for change in found:
            logger.warning("change %d (%s) was interrupted; finishing it", change.id, change.title)
            is_backwards = change.status is ChangeStatus.STUCK or any(
                step.state is StepState.REVERTED for step in change.steps
            )
            try:
                if is_backwards:
                    await self._roll_back(change.id, None, reason=change.reason)
                else:
                    await self._forward_or_back(change)
            except ChangeStuckError as error:
                logger.error("%s", error)  # noqa: TRY400 - a state of the disk, no bug
        return tuple([await self._journal.get(change.id) for change in found])

    async def _forward_or_back(self, change: LibraryChange) -> None:
        try:
            await self._repeat_lost(change)
            await self._run(change)
        except StorageUnavailableError:
            raise
        except AniworldError as error:
            await self._roll_back(change.id, error)
        else:
            await self._announce(change)

    async def _repeat_lost(self, change: LibraryChange) -> None:
        """Run steps again that are noted as done, but that a power failure has taken back."""
        for number, noted in enumerate(change.steps):
            later = change.steps[number + 1 :]
            # A file that a later step moved here looks the same: then the note is believed.
            is_unclear = any(
                other.step.target == noted.step.source and other.step.stamp == noted.step.stamp
                for other in later
            )
            if noted.state is StepState.DONE and not is_unclear and await self._is_open(noted.step):
                await self._files.run(noted.step)

    async def _is_open(self, step: Step) -> bool:
        """Return whether a step has yet to run, judged by the files alone."""
        if step.kind in {StepKind.MAKE_FOLDER, StepKind.REMOVE_FOLDER}:
            return True
        found = await self._files.look([path for path in (step.source, step.target) if path])
        if found[step.target] is not None:
            return False
        source = found[step.source] if step.source else None
        return step.kind is StepKind.WRITE or (source is not None and source.stamp == step.stamp)

    async def _run(self, change: LibraryChange) -> None:
        """Run the steps that are not done, then change the database, then settle."""
        for number, noted in enumerate(change.steps):
            if noted.state is StepState.DONE:
                continue
            result = await self._files.run(noted.step)
            with anyio.CancelScope(shield=True):
                await self._journal.note_steps(change.id, {number: (StepState.DONE, result)})
        with anyio.CancelScope(shield=True):
            await self._sync(change)
            await self._effects.apply(change)
            await self._journal.settle(
                change.id, ChangeStatus.DONE, at=self._clock.now(), reason=change.reason
            )

    async def _roll_back(
        self,
        change_id: ChangeId,
        error: AniworldError | None,
        *,
        reason: str = "",
        is_own: bool = False,
    ) -> None:
        """Take the steps back in reverse order.

        Args:
            change_id: The change.
            error: Why it is taken back; `None` after a cancellation.
            reason: The reason that was stored before.
            is_own: Whether this process ran the steps, so that those after the first one that is
                not noted as done have never run.

        Raises:
            ChangeStuckError: If a step cannot be taken back.
        """
        cause = reason or (Message("cancelled") if error is None else _reason(error))
        change = await self._journal.get(change_id)
        done = sum(noted.state is StepState.DONE for noted in change.steps)
        tried = change.steps[: done + 1] if is_own else change.steps
        for number, noted in reversed(list(enumerate(tried))):
            back = noted.applied.reverted()
            is_reverted = noted.state is StepState.REVERTED
            if is_reverted and not await self._is_open(back):
                continue
            try:
                await self._files.run(back)
            except ConflictError as conflict:
                # A step that is not noted as done may never have run.
                if noted.state is StepState.DONE:
                    await self._stick(change, cause, conflict)
            except StorageUnavailableError:
                raise
            except AniworldError as failure:
                await self._stick(change, cause, failure)
            await self._journal.note_steps(change.id, {number: (StepState.REVERTED, None)})
        await self._sync(change)
        await self._journal.settle(
            change.id, ChangeStatus.REVERTED, at=self._clock.now(), reason=cause
        )

    async def _stick(self, change: LibraryChange, cause: str, error: AniworldError) -> None:
        await self._journal.settle(
            change.id, ChangeStatus.STUCK, at=self._clock.now(), reason=cause
        )
        raise ChangeStuckError(change.id, change.title, _reason(error)) from error

    async def _sync(self, change: LibraryChange) -> None:
        await self._files.sync(sorted(_paths(change)))


def _paths(change: LibraryChange) -> set[str]:
    steps = [noted.step for noted in change.steps]
    return {path for step in steps for path in (step.source, step.target) if path}


def _place(error: AniworldError) -> str:
    path = error.values.get("path")
    return path if isinstance(path, str) else ""


def _reason(error: AniworldError) -> str:
    reason = error.values.get("reason")
    return reason if isinstance(reason, str) else error.message
