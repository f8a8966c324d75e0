"""Plan changes of library files, apply them through the journal, undo and recover them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.application.library.changes.deletions import DeletionPlanner
    from aniworld_core.application.library.changes.effects import ChangeEffects
    from aniworld_core.application.library.changes.imports import (
        HeldPolicy,
        ImportCorrection,
        ImportDraft,
        ImportPlanner,
        ImportRequest,
    )
    from aniworld_core.application.library.changes.library_changes import (
        AppliedPlan,
        LibraryChanges,
    )
    from aniworld_core.application.library.changes.recycle_bin import RecycleBin
    from aniworld_core.application.library.changes.renames import RenamePlanner
    from aniworld_core.application.library.changes.runner import ChangeRunner
    from aniworld_core.application.library.changes.sidecars import (
        EpisodeThumbs,
        PictureSpots,
        SeriesPictures,
        SidecarPlanner,
        SidecarRequest,
    )
    from aniworld_core.application.library.changes.views import (
        AppliedPlanView,
        ChangeEntryView,
        ChangePlanView,
        ChangeView,
        FileChangeView,
        ImportDraftView,
        RefusalView,
    )

__all__ = [
    "AppliedPlan",
    "AppliedPlanView",
    "ChangeEffects",
    "ChangeEntryView",
    "ChangePlanView",
    "ChangeRunner",
    "ChangeView",
    "DeletionPlanner",
    "EpisodeThumbs",
    "FileChangeView",
    "HeldPolicy",
    "ImportCorrection",
    "ImportDraft",
    "ImportDraftView",
    "ImportPlanner",
    "ImportRequest",
    "LibraryChanges",
    "PictureSpots",
    "RecycleBin",
    "RefusalView",
    "RenamePlanner",
    "SeriesPictures",
    "SidecarPlanner",
    "SidecarRequest",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "deletions": ("DeletionPlanner",),
        "effects": ("ChangeEffects",),
        "imports": (
            "HeldPolicy",
            "ImportCorrection",
            "ImportDraft",
            "ImportPlanner",
            "ImportRequest",
        ),
        "library_changes": ("AppliedPlan", "LibraryChanges"),
        "recycle_bin": ("RecycleBin",),
        "renames": ("RenamePlanner",),
        "runner": ("ChangeRunner",),
        "sidecars": (
            "EpisodeThumbs",
            "PictureSpots",
            "SeriesPictures",
            "SidecarPlanner",
            "SidecarRequest",
        ),
        "views": (
            "AppliedPlanView",
            "ChangeEntryView",
            "ChangePlanView",
            "ChangeView",
            "FileChangeView",
            "ImportDraftView",
            "RefusalView",
        ),
    },
)
