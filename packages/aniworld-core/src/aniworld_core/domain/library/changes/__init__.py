"""Reversible changes of library files: plan, steps, journal entry and undo.

A `ChangePlan` lists what happens to which file, for people. `steps_of` turns it into steps that
the file system does one after another; they are stored in the journal before the first one runs.
`undo_steps` are the same steps backwards.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.domain.library.changes.companions import companions_of
    from aniworld_core.domain.library.changes.journal import (
        UNFINISHED,
        ChangeEntry,
        ChangeStatus,
        JournalStep,
        LibraryChange,
        StepState,
        undone_changes,
    )
    from aniworld_core.domain.library.changes.partial_undo import PartialUndo, without_lost
    from aniworld_core.domain.library.changes.plan import (
        BIN,
        BinEntry,
        ChangeAction,
        ChangeOrigin,
        ChangePlan,
        EpisodeFileChange,
        FileChange,
        FileStamp,
        HeldFile,
        Refusal,
        SeriesFolderChange,
        SeriesFolders,
    )
    from aniworld_core.domain.library.changes.simulation import FoundEntry, step_problems
    from aniworld_core.domain.library.changes.steps import (
        Step,
        StepKind,
        changed_folders,
        is_in_bin,
        is_temporary,
        needed_folders,
        shown_changes,
        steps_of,
        undo_steps,
    )

__all__ = [
    "BIN",
    "UNFINISHED",
    "BinEntry",
    "ChangeAction",
    "ChangeEntry",
    "ChangeOrigin",
    "ChangePlan",
    "ChangeStatus",
    "EpisodeFileChange",
    "FileChange",
    "FileStamp",
    "FoundEntry",
    "HeldFile",
    "JournalStep",
    "LibraryChange",
    "PartialUndo",
    "Refusal",
    "SeriesFolderChange",
    "SeriesFolders",
    "Step",
    "StepKind",
    "StepState",
    "changed_folders",
    "companions_of",
    "is_in_bin",
    "is_temporary",
    "needed_folders",
    "shown_changes",
    "step_problems",
    "steps_of",
    "undo_steps",
    "undone_changes",
    "without_lost",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "companions": ("companions_of",),
        "journal": (
            "UNFINISHED",
            "ChangeEntry",
            "ChangeStatus",
            "JournalStep",
            "LibraryChange",
            "StepState",
            "undone_changes",
        ),
        "partial_undo": ("PartialUndo", "without_lost"),
        "plan": (
            "BIN",
            "BinEntry",
            "ChangeAction",
            "ChangeOrigin",
            "ChangePlan",
            "EpisodeFileChange",
            "FileChange",
            "FileStamp",
            "HeldFile",
            "Refusal",
            "SeriesFolderChange",
            "SeriesFolders",
        ),
        "simulation": ("FoundEntry", "step_problems"),
        "steps": (
            "Step",
            "StepKind",
            "changed_folders",
            "is_in_bin",
            "is_temporary",
            "shown_changes",
            "steps_of",
            "needed_folders",
            "undo_steps",
        ),
    },
)
