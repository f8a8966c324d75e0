"""Compare the library folder with the catalogues; views of series and episodes."""

from aniworld_core.application.library.changes import (
    AppliedPlan,
    AppliedPlanView,
    ChangeEffects,
    ChangeEntryView,
    ChangePlanView,
    ChangeRunner,
    ChangeView,
    HeldPolicy,
    ImportPlanner,
    ImportRequest,
    LibraryChanges,
    RecycleBin,
    RenamePlanner,
    SidecarPlanner,
    SidecarRequest,
)
from aniworld_core.application.library.existing_folders import ExistingFolders
from aniworld_core.application.library.scans.notes import ScanNotes
from aniworld_core.application.library.scans.other_scans import OtherScans
from aniworld_core.application.library.scans.policy import in_turn
from aniworld_core.application.library.scans.scanner import (
    LibraryScanner,
    ScanOptions,
    ScanReport,
    ScanState,
    ScanStatus,
)
from aniworld_core.application.library.views import (
    AddedAnime,
    AnimeDetail,
    AnimeSummary,
    EpisodeView,
    LibraryFileView,
    LossView,
    ScanReportView,
)

__all__ = [
    "AddedAnime",
    "AnimeDetail",
    "AnimeSummary",
    "AppliedPlan",
    "AppliedPlanView",
    "ChangeEffects",
    "ChangeEntryView",
    "ChangePlanView",
    "ChangeRunner",
    "ChangeView",
    "EpisodeView",
    "ExistingFolders",
    "HeldPolicy",
    "ImportPlanner",
    "ImportRequest",
    "LibraryChanges",
    "LibraryFileView",
    "LibraryScanner",
    "LossView",
    "OtherScans",
    "RecycleBin",
    "RenamePlanner",
    "ScanNotes",
    "ScanOptions",
    "ScanReport",
    "ScanReportView",
    "ScanState",
    "ScanStatus",
    "SidecarPlanner",
    "SidecarRequest",
    "in_turn",
]
