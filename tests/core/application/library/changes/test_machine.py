"""Plan, apply, interrupt, recover and undo changes at random: no file is lost or doubled."""

import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

import anyio
import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from aniworld_core.adapters.change_lock import FileChangeLock
from aniworld_core.adapters.library import LocalFileOperations
from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.application.library.changes.assembly import WantedFiles, assembled
from aniworld_core.application.library.changes.effects import ChangeEffects
from aniworld_core.application.library.changes.runner import ChangeRunner
from aniworld_core.domain.identity import ChangeId
from aniworld_core.domain.library import (
    ChangeAction,
    ChangeOrigin,
    ChangePlan,
    ChangeStatus,
    FileChange,
    FileStamp,
    LibraryChange,
    Step,
)
from aniworld_core.errors import ConflictError
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.fakes import RecordingBus

#: Few names, so that plans swap, collide, and differ in case only.
_NAMES: Final = ("A/a.mkv", "A/A.mkv", "A/b.mkv", "A/S/c.mkv", "A/S/ä.mkv", "B/a.mkv", "B/d.mkv")
_WRITTEN: Final = ("A/tvshow.nfo", "B/tvshow.nfo")


class _KilledError(BaseException):
    """The process ends here."""


@attrs.define
class _Killing(LocalFileOperations):
    """File operations of a process that is killed at a step, before or after it ran."""

    steps_left: int = 0
    ran: bool = False

    async def run(self, step: Step) -> FileStamp | None:
        self.steps_left -= 1
        if self.steps_left < 0 and not self.ran:
            raise _KilledError
        result = await super().run(step)
        if self.steps_left < 0:
            raise _KilledError
        return result


class _DeadRunner(ChangeRunner):
    """Rolls nothing back, like a process that has ended."""

    async def _roll_back(self, *_: object, **__: object) -> None:
        return


class Changes(RuleBasedStateMachine):
    """A library with files of known contents, and the history of its changes.

    The model is the multiset of contents: moves, swaps, replacements and deletions to the recycle
    bin keep it; a write adds to it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._root = Path(self._folder.name, "library")
        self._storage = MemoryStorage()
        self._contents: Counter[str] = Counter()
        self._writes = 0

    def teardown(self) -> None:
        """Delete the library."""
        self._folder.cleanup()

    @initialize(names=st.sets(st.sampled_from(_NAMES), min_size=2))
    def fill(self, names: set[str]) -> None:
        """Start with some files."""
        for name in sorted(names):
            path = self._root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"content of {name}")
            self._contents[path.read_text()] += 1

    @rule(names=st.lists(st.sampled_from(_NAMES), min_size=1, max_size=4), data=st.data())
    def move(self, names: list[str], data: st.DataObject) -> None:
        """Move some files; those that would collide are refused by the plan."""
        present = self._videos()
        if present:
            chosen = data.draw(st.lists(st.sampled_from(present), min_size=1, unique=True))
            wanted = [WantedFiles(files={s: t}) for s, t in zip(chosen, names, strict=False)]
            self._apply(self._assembled(wanted), data)

    @rule(name=st.sampled_from(_NAMES), data=st.data())
    def replace(self, name: str, data: st.DataObject) -> None:
        """Put one file in the place of another, which goes to the recycle bin."""
        present = self._videos()
        if name in present and len(present) > 1:
            source = data.draw(st.sampled_from([other for other in present if other != name]))
            group = WantedFiles(files={source: name}, replaces=(name,))
            self._apply(self._assembled([group]), data)

    @rule(data=st.data())
    def recycle(self, data: st.DataObject) -> None:
        """Move a file to the recycle bin."""
        if present := self._videos():
            source = data.draw(st.sampled_from(present))
            stamp = self._stamp(source)
            change = FileChange(action=ChangeAction.BIN, source=source, stamp=stamp)
            self._apply(self._plan(change), data)

    @rule(name=st.sampled_from(_WRITTEN), data=st.data())
    def write(self, name: str, data: st.DataObject) -> None:
        """Write a sidecar; the present one goes to the recycle bin."""
        self._writes += 1
        content = f"sidecar {self._writes}"
        replaced = self._stamp(name) if (self._root / name).exists() else None
        change = FileChange(
            action=ChangeAction.WRITE, target=name, content=content.encode(), replaces=replaced
        )
        if (self._root / name).parent.is_dir():
            self._apply(self._plan(change), data)
            self._contents[content] += content in self._found()

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        """Undo a change of the history; a newer one may be in its way."""
        done = [
            entry.id
            for entry in anyio.run(self._storage.changes.find).items
            if entry.status is ChangeStatus.DONE and not entry.is_undone
        ]
        if done:
            change_id = data.draw(st.sampled_from(done))
            self._run(data, lambda runner: runner.undo(change_id))

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        """Every content exists once, and nothing is half done."""
        assert self._found() == self._contents
        assert not anyio.run(self._storage.changes.unfinished)
        if self._root.exists():
            assert not list(self._root.rglob(".aniworld-*"))

    def _apply(self, plan: ChangePlan, data: st.DataObject) -> None:
        """Apply a plan, perhaps with a kill in between; undo restores every name and time."""
        before = self._tree()
        if not plan.changes:
            return
        change_id = self._run(data, lambda runner: runner.apply(plan))
        if change_id is not None and data.draw(st.booleans(), label="undone at once"):
            undo = anyio.run(self._runner().undo, change_id)
            assert self._tree() == before
            anyio.run(self._runner().undo, undo.id)

    def _run(
        self, data: st.DataObject, action: Callable[[ChangeRunner], Awaitable[LibraryChange]]
    ) -> ChangeId | None:
        """Run an action, perhaps with a kill and the recovery after it."""
        killed_at = data.draw(st.none() | st.integers(0, 6), label="killed at step")
        ran = data.draw(st.booleans(), label="killed after the step")
        runner = self._runner()
        if killed_at is not None:
            runner = self._runner(_Killing(lambda: [self._root], killed_at, ran), _DeadRunner)
        try:
            return anyio.run(action, runner).id
        except ConflictError:
            return None
        except _KilledError:
            (recovered,) = anyio.run(self._runner().recover)
            assert recovered.status is ChangeStatus.DONE
            return recovered.id

    def _runner(
        self, files: LocalFileOperations | None = None, kind: type[ChangeRunner] = ChangeRunner
    ) -> ChangeRunner:
        return kind(
            journal=self._storage.changes,
            files=files or LocalFileOperations(lambda: [self._root]),
            effects=ChangeEffects(series=self._storage.series, records=self._storage.files),
            lock=FileChangeLock(Path(self._folder.name)),
            bus=RecordingBus(),
            clock=SystemClock(),
        )

    def _assembled(self, wanted: Sequence[WantedFiles]) -> ChangePlan:
        async def plan() -> ChangePlan:
            files = LocalFileOperations(lambda: [self._root])
            return await assembled(files, origin=ChangeOrigin.RENAME, title="", wanted=wanted)

        return anyio.run(plan)

    def _plan(self, change: FileChange) -> ChangePlan:
        return ChangePlan(origin=ChangeOrigin.SIDECARS, title="", changes=(change,))

    def _stamp(self, name: str) -> FileStamp:
        status = (self._root / name).stat()
        return FileStamp(status.st_size, status.st_mtime_ns)

    def _videos(self) -> list[str]:
        return sorted(name for name in self._tree() if PurePosixPath(name).suffix == ".mkv")

    def _tree(self) -> dict[str, tuple[bytes, int]]:
        """Return the files outside the recycle bin with content and time."""
        return {
            path.relative_to(self._root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in self._root.rglob("*")
            if path.is_file() and ".recycle" not in path.parts
        }

    def _found(self) -> Counter[str]:
        return Counter(path.read_text() for path in self._root.rglob("*") if path.is_file())


TestChanges = Changes.TestCase
if settings.get_current_profile_name() == "ci":
    # Every step writes to the disk and to a database: not as many as for pure rules.
    TestChanges.settings = settings(max_examples=40, stateful_step_count=20)
else:
    TestChanges.settings = settings(max_examples=10, stateful_step_count=8)
