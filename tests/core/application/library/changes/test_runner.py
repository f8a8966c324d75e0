"""Changes of library files are applied completely or not at all, and can be undone."""

import errno
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest

from aniworld_core.adapters.change_lock import FileChangeLock
from aniworld_core.adapters.library import LocalFileOperations
from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.application.library.changes.effects import ChangeEffects
from aniworld_core.application.library.changes.runner import ChangeRunner
from aniworld_core.domain.library import (
    ChangeAction,
    ChangeOrigin,
    ChangePlan,
    ChangeStatus,
    FileChange,
    FileStamp,
    Step,
    StepKind,
)
from aniworld_core.errors import (
    ChangeOutOfSpaceError,
    ChangeRefusedError,
    ChangeRevertedError,
    ChangeStuckError,
    DiskFullError,
    LibraryBusyError,
    LibraryUnavailableError,
    UndoRefusedError,
)
from aniworld_core.ports.file_operations import FileOperations
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.fakes import RecordingBus
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio


class Killed(BaseException):
    """The process ends here: nothing is rolled back."""


@attrs.define
class Breaking(LocalFileOperations):
    """File operations that fail at the n-th step, before or after it ran."""

    fails_at: int = -1
    ran_before: bool = False
    error: BaseException = attrs.Factory(Killed)
    count: int = 0

    async def run(self, step: Step) -> FileStamp | None:
        """Run the step, or fail."""
        self.count += 1
        fails = self.count - 1 == self.fails_at
        if fails and not self.ran_before:
            raise self.error
        result = await super().run(step)
        if fails:
            raise self.error
        return result


@attrs.define
class Broken(LocalFileOperations):
    """File operations of a disk that becomes read-only after six steps."""

    count: int = 0

    async def run(self, step: Step) -> FileStamp | None:
        """Run the step, or fail."""
        self.count += 1
        if self.count > 6:
            raise LibraryUnavailableError("/library", "Read-only file system")
        return await super().run(step)


def snapshot(root: Path) -> dict[str, tuple[bytes, int] | None]:
    """Everything below a folder: content and time of files, `None` for folders."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        if path.is_file()
        else None
        for path in sorted(root.rglob("*"))
        if ".recycle" not in path.parts
    }


def fill(root: Path, files: Mapping[str, str]) -> None:
    for number, (name, content) in enumerate(files.items()):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        os.utime(path, ns=(0, 1_700_000_000_123_456_789 + number))


def stamp(root: Path, name: str) -> FileStamp:
    status = (root / name).stat()
    return FileStamp(status.st_size, status.st_mtime_ns)


FILES = {
    name: f"content of {name}" for name in ("A/a.mkv", "A/b.mkv", "A/c.mkv", "A/x.srt", "A/old.mkv")
}


def plan_of(root: Path) -> ChangePlan:
    """A swap, a case-only rename, a move to a new folder, a replacement, a deletion and a write."""
    move = ChangeAction.MOVE

    def change(action: ChangeAction, source: str, target: str, **more: Any) -> FileChange:
        return FileChange(
            action=action, source=source, target=target, stamp=stamp(root, source), **more
        )

    return ChangePlan(
        origin=ChangeOrigin.RENAME,
        title="A",
        changes=(
            change(move, "A/a.mkv", "A/b.mkv"),
            change(move, "A/b.mkv", "A/a.mkv"),
            change(move, "A/x.srt", "A/X.srt"),
            change(ChangeAction.REPLACE, "B/c.mkv", "A/c.mkv", replaces=stamp(root, "A/c.mkv")),
            change(ChangeAction.COPY, "B/d.mkv", "A/S/d.mkv"),
            change(ChangeAction.LINK, "B/d.mkv", "A/S/e.mkv"),
            FileChange(action=ChangeAction.WRITE, target="A/tvshow.nfo", content=b"<tvshow/>"),
            FileChange(action=ChangeAction.BIN, source="A/old.mkv", stamp=stamp(root, "A/old.mkv")),
        ),
        new_folders=("A/S",),
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "library"
    root.mkdir()
    fill(root, FILES | {"B/c.mkv": "new c", "B/d.mkv": "new d"})
    return root


@attrs.define
class Stage:
    """A runner with its parts."""

    root: Path
    data: Path
    storage: MemoryStorage = attrs.Factory(MemoryStorage)

    def runner(self, files: FileOperations | None = None) -> ChangeRunner:
        """Return a runner as a new process would have it."""
        return ChangeRunner(
            journal=self.storage.changes,
            files=files or LocalFileOperations(lambda: [self.root]),
            effects=ChangeEffects(series=self.storage.series, records=self.storage.files),
            lock=FileChangeLock(self.data),
            bus=RecordingBus(),
            clock=SystemClock(),
        )


@pytest.fixture
def stage(root: Path, tmp_path: Path) -> Stage:
    return Stage(root, tmp_path / "data")


AFTER = {
    "A/a.mkv": "content of A/b.mkv",
    "A/b.mkv": "content of A/a.mkv",
    "A/X.srt": "content of A/x.srt",
    "A/c.mkv": "new c",
    "A/S/d.mkv": "new d",
    "A/S/e.mkv": "new d",
    "A/tvshow.nfo": "<tvshow/>",
    "B/d.mkv": "new d",
}


def contents(root: Path) -> dict[str, str]:
    return {k: v[0].decode() for k, v in snapshot(root).items() if v is not None}


async def test_a_plan_is_applied_undone_and_applied_again(stage: Stage) -> None:
    """Undo restores names, contents and times; an undo can be undone as well."""
    before = snapshot(stage.root)
    runner = stage.runner()

    done = await runner.apply(plan_of(stage.root))

    assert done.status is ChangeStatus.DONE
    assert contents(stage.root) == AFTER
    undo = await runner.undo(done.id)
    assert snapshot(stage.root) == before
    redo = await runner.undo(undo.id)
    assert contents(stage.root) == AFTER
    await runner.undo(redo.id)
    assert snapshot(stage.root) == before
    with pytest.raises(UndoRefusedError, match="already"):
        await runner.undo(redo.id)


async def test_a_deletion_can_be_repeated_after_its_undo(stage: Stage) -> None:
    """The undo removes the empty recycle bin, and its own undo creates it again."""
    before = snapshot(stage.root)
    old = FileChange(
        action=ChangeAction.BIN, source="A/old.mkv", stamp=stamp(stage.root, "A/old.mkv")
    )
    plan = ChangePlan(origin=ChangeOrigin.REMOVAL, title="A", changes=(old,))
    done = await stage.runner().apply(plan)
    undo = await stage.runner().undo(done.id)
    assert snapshot(stage.root) == before
    assert not (stage.root / ".recycle").exists()

    await stage.runner().undo(undo.id)

    assert snapshot(stage.root) == {k: v for k, v in before.items() if k != "A/old.mkv"}


async def _steps(stage: Stage) -> int:
    files = Breaking(lambda: [stage.root])
    change = await stage.runner(files).apply(plan_of(stage.root))
    await stage.runner().undo(change.id)
    return files.count


@pytest.mark.parametrize("ran_before", [False, True], ids=["before", "after"])
async def test_a_kill_at_any_step_is_completed_at_the_next_start(
    stage: Stage, ran_before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever step the process ends at, recovery completes the change, and undo restores."""
    before = snapshot(stage.root)
    total = await _steps(stage)

    async def dead(*_: object, **__: object) -> None:
        """A dead process rolls nothing back."""

    for number in range(total):
        killed = stage.runner(Breaking(lambda: [stage.root], number, ran_before))
        with monkeypatch.context() as patch:
            patch.setattr(ChangeRunner, "_roll_back", dead)
            with pytest.raises(Killed):
                await killed.apply(plan_of(stage.root))

        (recovered,) = await stage.runner().recover()

        assert recovered.status is ChangeStatus.DONE, (number, recovered.reason)
        assert contents(stage.root) == AFTER, number
        await stage.runner().undo(recovered.id)
        assert snapshot(stage.root) == before, number


@pytest.mark.parametrize("ran_before", [False, True], ids=["before", "after"])
async def test_a_failure_at_any_step_changes_nothing(stage: Stage, ran_before: bool) -> None:
    """Whichever step the disk fails at, the files are as before."""
    before = snapshot(stage.root)
    total = await _steps(stage)
    error = LibraryUnavailableError("x", "Input/output error")

    for number in range(total):
        failing = Breaking(lambda: [stage.root], number, ran_before, error)
        with pytest.raises(Exception, match="Input/output error"):
            await stage.runner(failing).apply(plan_of(stage.root))

        assert snapshot(stage.root) == before, number
        assert not await stage.storage.changes.unfinished()


async def test_a_cancelled_change_is_rolled_back(stage: Stage) -> None:
    """A cancelled caller leaves the files as they were."""
    before = snapshot(stage.root)

    with anyio.CancelScope() as scope:
        files = Breaking(lambda: [stage.root], 5, True, anyio.get_cancelled_exc_class()())
        scope.cancel()
        with anyio.CancelScope(shield=True):
            with pytest.raises(anyio.get_cancelled_exc_class()):
                await stage.runner(files).apply(plan_of(stage.root))

    assert snapshot(stage.root) == before


async def test_undo_is_refused_when_a_file_was_changed(stage: Stage) -> None:
    """Undo names the changed file and changes nothing."""
    runner = stage.runner()
    done = await runner.apply(plan_of(stage.root))
    (stage.root / "A/a.mkv").write_text("edited")
    after = snapshot(stage.root)

    with pytest.raises(ChangeRefusedError, match=r"A/a\.mkv: it was changed since"):
        await runner.undo(done.id)

    assert snapshot(stage.root) == after


async def test_undo_is_refused_when_a_name_is_taken(stage: Stage) -> None:
    """Undo does not overwrite a file that has the old name now."""
    runner = stage.runner()
    done = await runner.apply(plan_of(stage.root))
    (stage.root / "A/old.mkv").write_text("another")

    with pytest.raises(ChangeRefusedError, match=r"'old\.mkv' is taken"):
        await runner.undo(done.id)


async def test_a_file_that_changed_since_the_plan_stops_it(stage: Stage) -> None:
    """A vanished or changed file is noticed before anything moves."""
    plan = plan_of(stage.root)
    (stage.root / "B/d.mkv").unlink()
    before = snapshot(stage.root)

    with pytest.raises(ChangeRefusedError, match="no longer exists"):
        await stage.runner().apply(plan)

    assert snapshot(stage.root) == before
    assert (await stage.storage.changes.find()).total == 0


async def test_a_change_that_cannot_be_rolled_back_is_finished_later(stage: Stage) -> None:
    """It is stuck and blocks its files, until recovery or undo can roll it back."""
    before = snapshot(stage.root)
    broken = Broken(lambda: [stage.root])
    plan = plan_of(stage.root)

    with pytest.raises(ChangeStuckError, match="change 1 is incomplete") as caught:
        await stage.runner(broken).apply(plan)
    (stuck,) = await stage.storage.changes.unfinished()
    assert stuck.status is ChangeStatus.STUCK
    assert "aniworld undo 1" in str(caught.value.hint)
    with pytest.raises(ChangeStuckError):
        await stage.runner(broken).apply(plan)

    finished = await stage.runner().undo(stuck.id)

    assert finished.status is ChangeStatus.REVERTED
    assert snapshot(stage.root) == before


async def test_one_change_runs_at_a_time(stage: Stage) -> None:
    """A second process waits, and gives up with a conflict."""
    with anyio.fail_after(PATIENCE):
        async with FileChangeLock(stage.data).hold(None):
            with pytest.raises(LibraryBusyError):
                async with FileChangeLock(stage.data).hold(timedelta(milliseconds=10)):
                    pass
            assert await stage.runner().recover() == ()
    async with FileChangeLock(stage.data).hold(timedelta()):
        pass


async def test_a_read_only_library_is_one_sentence(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change is rolled back, not stuck, and the error names the library."""
    before = snapshot(stage.root)
    plan = plan_of(stage.root)

    def refused(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    stage.data.mkdir()
    with monkeypatch.context() as patch:
        for name in ("mkdir", "rmdir", "unlink", "link", "rename"):
            patch.setattr(os, name, refused)
        with pytest.raises(ChangeRevertedError) as caught:
            await stage.runner().apply(plan)

    assert str(caught.value).startswith(f"nothing was changed: {stage.root}: it cannot be written")
    assert snapshot(stage.root) == before
    (change,) = (await stage.storage.changes.find()).items
    assert change.status is ChangeStatus.REVERTED


async def test_a_full_disk_is_one_sentence(stage: Stage) -> None:
    """The error says that nothing was changed and why."""
    before = snapshot(stage.root)
    full = Breaking(lambda: [stage.root], 6, False, DiskFullError("/library"))

    with pytest.raises(ChangeOutOfSpaceError, match="nothing was changed, the disk holding"):
        await stage.runner(full).apply(plan_of(stage.root))

    assert snapshot(stage.root) == before


@pytest.mark.parametrize(
    ("step", "is_open"),
    [
        (Step(kind=StepKind.MAKE_FOLDER, target="a"), True),
        (Step(kind=StepKind.REMOVE_FOLDER, target="a"), True),
        (Step(kind=StepKind.WRITE, target="new.nfo"), True),
        (Step(kind=StepKind.WRITE, target="there.mkv"), False),
        (Step(kind=StepKind.MOVE, source="there.mkv", target="new.mkv"), True),
        (Step(kind=StepKind.COPY, source="there.mkv", target="new.mkv"), True),
        (Step(kind=StepKind.MOVE, source="other.mkv", target="new.mkv"), False),
        (Step(kind=StepKind.MOVE, source="missing.mkv", target="new.mkv"), False),
        (Step(kind=StepKind.MOVE, source="there.mkv", target="other.mkv"), False),
    ],
)
async def test_a_step_is_open_while_its_target_is_missing_and_its_source_unchanged(
    stage: Stage, step: Step, is_open: bool
) -> None:
    """Folders can be made and removed again at any time."""
    (stage.root / "there.mkv").write_bytes(b"there")
    (stage.root / "other.mkv").write_bytes(b"another")
    known = stamp(stage.root, "there.mkv")
    placed = attrs.evolve(
        step,
        source=str(stage.root / step.source) if step.source else "",
        target=str(stage.root / step.target),
        stamp=known if step.source else None,
    )
    assert await stage.runner()._is_open(placed) == is_open


async def test_an_undo_makes_folders_that_are_gone_since(stage: Stage) -> None:
    """A file returns to its folder although a later change removed that when it was empty."""
    (stage.root / "A/only").mkdir()
    (stage.root / "A/only/x.mkv").write_text("x")
    before = snapshot(stage.root)

    move = FileChange(
        action=ChangeAction.MOVE,
        source="A/only/x.mkv",
        target="A/x.mkv",
        stamp=stamp(stage.root, "A/only/x.mkv"),
    )
    plan = ChangePlan(origin=ChangeOrigin.RENAME, title="A", changes=(move,))

    moved = await stage.runner().apply(plan)
    (stage.root / "A/only").rmdir()

    undo = await stage.runner().undo(moved.id)
    assert snapshot(stage.root) == before
    await stage.runner().undo(undo.id)
    assert (stage.root / "A/x.mkv").read_text() == "x"
    assert not (stage.root / "A/only").exists()


async def test_a_change_that_was_rolled_back_cannot_be_undone(stage: Stage) -> None:
    """Nothing was changed, so there is nothing to take back."""
    full = Breaking(lambda: [stage.root], 3, False, DiskFullError("/library"))
    with pytest.raises(ChangeOutOfSpaceError):
        await stage.runner(full).apply(plan_of(stage.root))
    (change,) = (await stage.storage.changes.find()).items

    with pytest.raises(UndoRefusedError, match="never applied"):
        await stage.runner().undo(change.id)


async def test_a_stuck_change_stays_stuck_while_its_cause_is_there(stage: Stage) -> None:
    """Recovery reports it again, and undo says why it cannot be finished."""
    broken = Broken(lambda: [stage.root])
    with pytest.raises(ChangeStuckError):
        await stage.runner(broken).apply(plan_of(stage.root))

    (found,) = await stage.runner(broken).recover()
    assert found.status is ChangeStatus.STUCK
    with pytest.raises(ChangeStuckError, match=f"change {found.id} is incomplete"):
        await stage.runner(broken).undo(found.id)

    (found,) = await stage.runner().recover()
    assert found.status is ChangeStatus.REVERTED


async def test_a_change_that_cannot_be_completed_later_is_rolled_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk became full after the process was killed."""
    before = snapshot(stage.root)

    async def dead(*_: object, **__: object) -> None:
        """A dead process rolls nothing back."""

    with monkeypatch.context() as patch:
        patch.setattr(ChangeRunner, "_roll_back", dead)
        with pytest.raises(Killed):
            await stage.runner(Breaking(lambda: [stage.root], 6, False)).apply(plan_of(stage.root))
    full = Breaking(lambda: [stage.root], 0, False, DiskFullError("/library"))

    (found,) = await stage.runner(full).recover()

    assert (found.status, snapshot(stage.root)) == (ChangeStatus.REVERTED, before)
