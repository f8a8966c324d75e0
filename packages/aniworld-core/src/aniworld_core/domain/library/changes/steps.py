"""Steps of the file system that apply a plan, and the steps that undo it."""

import enum
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

import attrs

from aniworld_core.domain.library.changes.plan import (
    BIN,
    ChangeAction,
    ChangePlan,
    FileChange,
    FileStamp,
)
from aniworld_core.domain.library.safe_names import fold_name

#: Start of hidden names that files have only while a change runs.
TEMPORARY: Final = ".aniworld-"


class StepKind(enum.StrEnum):
    """One operation of the file system. None of them overwrites a file."""

    MAKE_FOLDER = "make_folder"  #: also succeeds if the folder exists
    REMOVE_FOLDER = "remove_folder"  #: leaves one that is not empty or a mount point
    MOVE = "move"
    COPY = "copy"
    LINK = "link"
    WRITE = "write"
    DISCARD = "discard"  #: delete a file that an earlier step of the same change created


_FOLDER_STEPS: Final = frozenset({StepKind.MAKE_FOLDER, StepKind.REMOVE_FOLDER})
_KINDS: Final = {
    ChangeAction.COPY: StepKind.COPY,
    ChangeAction.LINK: StepKind.LINK,
    ChangeAction.WRITE: StepKind.WRITE,
}
_ACTIONS: Final = {kind: action for action, kind in _KINDS.items()}


@attrs.frozen(kw_only=True)
class Step:
    """One operation of the file system.

    Attributes:
        target: The path that is created, or removed by `REMOVE_FOLDER` and `DISCARD`.
        source: The present path; empty for a folder and a write. A discard names the path that
            its file was copied or linked from.
        stamp: Stamp of the source, or of the file to discard; `None` for folders and writes.
        content: Content of a write, and of a written file that is discarded.
        temporary: Hidden path in the folder of the target for a file that is not complete.
        undo_bin: Recycle bin that undo moves the created file to; empty if it moves back.
    """

    kind: StepKind
    target: str
    source: str = ""
    stamp: FileStamp | None = None
    content: bytes | None = attrs.field(default=None, repr=False)
    temporary: str = ""
    undo_bin: str = ""

    def reverted(self) -> "Step":
        """Return the step that rolls this one back within its own change."""
        match self.kind:
            case StepKind.MAKE_FOLDER:
                return attrs.evolve(self, kind=StepKind.REMOVE_FOLDER)
            case StepKind.REMOVE_FOLDER:
                return attrs.evolve(self, kind=StepKind.MAKE_FOLDER)
            case StepKind.MOVE:
                return self._moved_back()
            case StepKind.COPY | StepKind.LINK | StepKind.WRITE:
                return attrs.evolve(self, kind=StepKind.DISCARD)
            case StepKind.DISCARD:
                return self

    def undone(self, bins: "BinPlaces") -> "Step":
        """Return the step that undoes this one in a later change."""
        if self.kind in _FOLDER_STEPS or (self.kind is StepKind.MOVE and not self.undo_bin):
            return self.reverted()
        return bins.step(self.undo_bin or BIN, self.target, self.stamp)

    def _moved_back(self) -> "Step":
        temporary = str(PurePosixPath(self.source).with_name(PurePosixPath(self.temporary).name))
        return attrs.evolve(
            self, source=self.target, target=self.source, temporary=temporary, undo_bin=""
        )


@attrs.define(eq=False)
class BinPlaces:
    """Hands out paths in recycle bins; two files of one change never get the same path."""

    _at: datetime
    _token: str
    _taken: set[str] = attrs.field(factory=set, init=False)
    _folders: dict[str, None] = attrs.field(factory=dict, init=False)

    def step(self, bin_folder: str, source: str, stamp: FileStamp | None) -> Step:
        """Return the step that moves a file or folder to a recycle bin."""
        name = PurePosixPath(source).name
        stamp_text = self._at.strftime("%Y%m%dT%H%M%S.%fZ")
        number = 0
        while True:
            folder = f"{bin_folder}/{stamp_text}" + (f"-{number}" if number else "")
            place = f"{folder}/{name}"
            if fold_name(place) not in self._taken:
                break
            number += 1
        self._taken.add(fold_name(place))
        self._folders |= {bin_folder: None, folder: None}
        return Step(
            kind=StepKind.MOVE,
            source=source,
            target=place,
            stamp=stamp,
            temporary=f"{folder}/{TEMPORARY}{self._token}-{len(self._taken)}.tmp",
        )

    def folders(self) -> tuple[Step, ...]:
        """Return the steps that create the folders of the paths handed out."""
        return tuple(Step(kind=StepKind.MAKE_FOLDER, target=folder) for folder in self._folders)


def steps_of(plan: ChangePlan, *, at: datetime) -> tuple[Step, ...]:
    """Return the steps that apply a plan, in an order in which no file is in the way of another.

    Files for the recycle bin move first, then folders are created, then files move: each after
    the one that occupies its target. Cycles, and new names that differ only in case or Unicode
    form, go through a hidden temporary name.

    Args:
        plan: A plan without colliding targets.
        at: Time of the change; part of the paths in the recycle bin.
    """
    token = plan.digest[:12]
    bins = BinPlaces(at, token)
    to_bin = [
        bins.step(change.bin, change.source, change.stamp)
        for change in plan.changes
        if change.action is ChangeAction.BIN
    ]
    to_bin += [
        bins.step(change.bin, change.target, change.replaces)
        for change in plan.changes
        if change.replaces is not None
    ]
    return (
        *bins.folders(),
        *to_bin,
        *(Step(kind=StepKind.MAKE_FOLDER, target=folder) for folder in plan.new_folders),
        *_ordered([c for c in plan.changes if c.action is not ChangeAction.BIN], token),
        *(Step(kind=StepKind.REMOVE_FOLDER, target=folder) for folder in plan.emptied_folders),
    )


def undo_steps(steps: Sequence[Step], *, at: datetime, token: str) -> tuple[Step, ...]:
    """Return the steps that undo applied ones; files that they created go to the recycle bin.

    Args:
        steps: The applied steps in their order, with the stamps of the files they left.
        at: Time of the undo; part of the paths in the recycle bin.
        token: Part of temporary names.
    """
    bins = BinPlaces(at, token)
    back = [step.undone(bins) for step in reversed(steps) if not _is_staging(step)]
    return (*bins.folders(), *back)


def needed_folders(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return the folders that files arrive in and no step makes, outer ones first.

    Only those below the library folder: above an absolute path a disk may be missing.
    """
    made = {step.target for step in steps if step.kind is StepKind.MAKE_FOLDER}
    needed = {
        str(folder)
        for step in steps
        if step.kind not in _FOLDER_STEPS and not step.target.startswith("/")
        for folder in PurePosixPath(step.target).parents[:-1]
    }
    return tuple(sorted(needed - made, key=lambda folder: (folder.count("/"), folder)))


def shown_changes(steps: Sequence[Step]) -> tuple[FileChange, ...]:
    """Return the changes that steps make; a way through a temporary name is one change."""
    sources = {step.target: step.source for step in steps if is_temporary(step.target)}
    shown = (
        (step, sources.get(step.source, step.source))
        for step in steps
        if step.kind not in _FOLDER_STEPS and not is_temporary(step.target)
    )
    return tuple(
        FileChange(action=_action(step, source), source=source, target=step.target)
        for step, source in shown
    )


def is_temporary(path: str) -> bool:
    """Return whether a file has the path only while a change runs."""
    return PurePosixPath(path).name.startswith(TEMPORARY)


def is_in_bin(path: str) -> bool:
    """Return whether a path lies in a recycle bin."""
    return BIN in PurePosixPath(path).parts[:-1]


def changed_folders(steps: Sequence[Step], *, arriving: bool) -> frozenset[str]:
    """Return the folders that files arrive in or leave, without recycle bins and temporary names.

    A folder that moves as a whole is named itself.
    """
    found = set()
    for step in steps:
        is_leaving = step.kind is StepKind.MOVE
        path = step.target if arriving else step.source if is_leaving else ""
        if not path or step.kind in _FOLDER_STEPS or is_temporary(path) or is_in_bin(path):
            continue
        is_folder = step.kind is StepKind.MOVE and step.stamp is None
        found.add(path if is_folder else str(PurePosixPath(path).parent))
    return frozenset(found)


def _is_staging(step: Step) -> bool:
    """Return whether a step removed a staging folder, which nothing needs again."""
    name = PurePosixPath(step.target).name
    return step.kind is StepKind.REMOVE_FOLDER and name.startswith(".") and name != BIN


def _action(step: Step, source: str) -> ChangeAction:
    if step.kind is not StepKind.MOVE:
        return _ACTIONS.get(step.kind, ChangeAction.BIN)
    if is_in_bin(step.target):
        return ChangeAction.BIN
    is_same_folder = PurePosixPath(source).parent == PurePosixPath(step.target).parent
    return ChangeAction.RENAME if is_same_folder else ChangeAction.MOVE


def _ordered(changes: Sequence[FileChange], token: str) -> Iterator[Step]:
    """Yield the steps of changes: each after the one that moves its target out of the way."""
    movers = {
        fold_name(change.source): number
        for number, change in enumerate(changes)
        if change.action not in _KINDS
    }
    blockers = [movers.get(fold_name(change.target)) for change in changes]
    finished: set[int] = set()
    for start in range(len(changes)):
        chain: list[int] = []
        current: int | None = start
        while current is not None and current not in finished and current not in chain:
            chain.append(current)
            current = blockers[current]
        # Only the first can be the end of a cycle: no two files have the same target.
        is_cycle = current is not None and current in chain
        finished.update(chain)
        if not is_cycle:
            for number in reversed(chain):
                yield _step(changes[number], changes[number].source, token, number)
            continue
        yield from _cycle([(number, changes[number]) for number in chain], token)


def _cycle(chain: Sequence[tuple[int, FileChange]], token: str) -> Iterator[Step]:
    number, first = chain[0]
    waiting = str(PurePosixPath(first.source).with_name(f"{TEMPORARY}{token}-{number}"))
    yield Step(
        kind=StepKind.MOVE,
        source=first.source,
        target=waiting,
        stamp=first.stamp,
        temporary=f"{waiting}.tmp",
    )
    for other, change in reversed(chain[1:]):
        yield _step(change, change.source, token, other)
    yield _step(first, waiting, token, number)


def _step(change: FileChange, source: str, token: str, number: int) -> Step:
    kind = _KINDS.get(change.action, StepKind.MOVE)
    return Step(
        kind=kind,
        source=source,
        target=change.target,
        stamp=change.stamp,
        content=change.content,
        temporary=str(PurePosixPath(change.target).with_name(f"{TEMPORARY}{token}-{number}.tmp")),
        undo_bin=change.bin if change.is_staged or kind is not StepKind.MOVE else "",
    )
