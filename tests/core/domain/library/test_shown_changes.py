"""What a list of steps is shown as."""

import pytest

from aniworld_core.domain.library import ChangeOrigin, ChangePlan
from aniworld_core.domain.library.changes.plan import BIN, ChangeAction
from aniworld_core.domain.library.changes.steps import (
    TEMPORARY,
    Step,
    StepKind,
    is_in_bin,
    is_temporary,
    shown_changes,
)


@pytest.mark.parametrize(
    ("kind", "source", "target", "action"),
    [
        (StepKind.MOVE, "A/1.mkv", "A/2.mkv", ChangeAction.RENAME),
        (StepKind.MOVE, "A/1.mkv", "B/1.mkv", ChangeAction.MOVE),
        (StepKind.MOVE, "A/1.mkv", "A/B/1.mkv", ChangeAction.MOVE),
        (StepKind.MOVE, "A/1.mkv", f"{BIN}/now/1.mkv", ChangeAction.BIN),
        (StepKind.COPY, "A/1.mkv", "B/1.mkv", ChangeAction.COPY),
        (StepKind.LINK, "A/1.mkv", "B/1.mkv", ChangeAction.LINK),
        (StepKind.WRITE, "", "B/1.nfo", ChangeAction.WRITE),
        (StepKind.DISCARD, "A/1.mkv", "B/1.mkv", ChangeAction.BIN),
    ],
)
def test_each_step_is_shown_as_its_action(
    kind: StepKind, source: str, target: str, action: ChangeAction
) -> None:
    """A move within a folder is a rename, and one into a recycle bin is a deletion."""
    (shown,) = shown_changes([Step(kind=kind, source=source, target=target)])
    assert (shown.action, shown.source, shown.target) == (action, source, target)


def test_a_way_through_a_temporary_name_is_one_change() -> None:
    """Steps of folders are not shown."""
    waiting = f"A/{TEMPORARY}x-0"
    steps = [
        Step(kind=StepKind.MAKE_FOLDER, target="B"),
        Step(kind=StepKind.MOVE, source="A/1.mkv", target=waiting),
        Step(kind=StepKind.MOVE, source=waiting, target="A/2.mkv"),
        Step(kind=StepKind.REMOVE_FOLDER, target="C"),
    ]
    (shown,) = shown_changes(steps)
    assert (shown.action, shown.source, shown.target) == (
        ChangeAction.RENAME,
        "A/1.mkv",
        "A/2.mkv",
    )


def test_temporary_and_deleted_files_are_known_by_their_paths() -> None:
    """Only the name of a file is temporary, and only a folder above it is a bin."""
    assert is_temporary(f"A/{TEMPORARY}x-0")
    assert not is_temporary(f"{TEMPORARY}x/1.mkv")
    assert is_in_bin(f"A/{BIN}/1.mkv")
    assert not is_in_bin(f"A/{BIN}")


@pytest.mark.parametrize(
    "folders", [("a", "bc"), ("abc",), ("ab", "c", ""), ("ab\x001:c",), ("c", "ab")]
)
def test_plans_of_the_same_letters_have_different_digests(folders: tuple[str, ...]) -> None:
    """The digest depends on the borders and on the order of all texts."""

    def plan(*new: str) -> ChangePlan:
        return ChangePlan(origin=ChangeOrigin.RENAME, title="", new_folders=new)

    assert plan(*folders).digest != plan("ab", "c").digest
    assert plan("ab", "c").digest == plan("ab", "c").digest
