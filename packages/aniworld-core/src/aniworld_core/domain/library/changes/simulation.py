"""Check steps against the present files before any of them is applied."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import attrs

from aniworld_core.domain.library.changes.plan import FileStamp, Refusal
from aniworld_core.domain.library.changes.steps import Step, StepKind, is_in_bin
from aniworld_core.domain.library.safe_names import fold_name
from aniworld_core.messages import Message


@attrs.frozen
class FoundEntry:
    """An entry of the file system.

    Attributes:
        stamp: Size and time of a regular file; `None` for everything else.
        is_folder: Whether it is a folder.
        is_link: Whether it is a symbolic link. A special file is none of the three.
    """

    stamp: FileStamp | None = None
    is_folder: bool = False
    is_link: bool = False


def step_problems(
    steps: Sequence[Step], found: Mapping[str, FoundEntry | None]
) -> tuple[Refusal, ...]:
    """Return why steps cannot be applied to the present files; nothing if they can.

    Args:
        steps: Steps in their order.
        found: The entry at each path that a step names; `None` if there is none.
    """
    present = {path: entry for path, entry in found.items() if entry is not None}
    problems = []
    for step in steps:
        if step.kind in {StepKind.MAKE_FOLDER, StepKind.REMOVE_FOLDER, StepKind.DISCARD}:
            continue
        reason = _source_problem(step, present) or _target_problem(step, present)
        if reason:
            path = step.source or step.target
            problems.append(Refusal(path=path, target=step.target, reason=reason))
            continue
        entry = present.get(step.source, FoundEntry())
        if step.kind is StepKind.MOVE:
            _leave(present, step.source)
        present[step.target] = entry
    return tuple(problems)


def _leave(present: dict[str, FoundEntry], path: str) -> None:
    """Remove a path, and the same entry under a name that is the same for the file system."""
    entry = present.pop(path)
    folded = fold_name(path)
    for other in [p for p, e in present.items() if e == entry and fold_name(p) == folded]:
        del present[other]


def _source_problem(step: Step, present: Mapping[str, FoundEntry]) -> Message | None:
    if step.kind is StepKind.WRITE:
        return None
    entry = present.get(step.source)
    if entry is None:
        return Message("bin_emptied" if is_in_bin(step.source) else "file_vanished")
    if step.stamp is None:
        return None if entry.is_folder or entry.is_link else Message("not_a_folder")
    if entry.stamp is None:
        return Message("not_a_regular_file")
    return None if entry.stamp == step.stamp else Message("file_changed_since")


def _target_problem(step: Step, present: Mapping[str, FoundEntry]) -> Message | None:
    if step.target in present:
        return Message("name_taken", name=PurePosixPath(step.target).name)
    return None
