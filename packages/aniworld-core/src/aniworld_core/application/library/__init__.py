"""Compare the library folder with the catalogues; views of series and episodes."""

from aniworld_core.application.library.adoptable_folders import (
    AdoptableFolder,
    AdoptableFolders,
    Confidence,
    Proposal,
)
from aniworld_core.application.library.adoption import (
    Adopted,
    Adoption,
    AdoptionChoice,
    AdoptionReport,
)
from aniworld_core.application.library.attention import (
    AttentionKind,
    AttentionOverview,
    AttentionView,
    LibraryAttention,
)
from aniworld_core.application.library.changes import (
    AppliedPlan,
    AppliedPlanView,
    ChangeEffects,
    ChangeEntryView,
    ChangePlanView,
    ChangeRunner,
    ChangeView,
    DeletionPlanner,
    HeldPolicy,
    ImportCorrection,
    ImportDraft,
    ImportDraftView,
    ImportPlanner,
    ImportRequest,
    LibraryChanges,
    RecycleBin,
    RenamePlanner,
    SidecarPlanner,
    SidecarRequest,
)
from aniworld_core.application.library.contents import FileContents, InspectionReport, rest_after
from aniworld_core.application.library.existing_folders import ExistingFolders
from aniworld_core.application.library.file_pins import FilePins
from aniworld_core.application.library.identification import (
    Identification,
    SourceResult,
    SourceResultView,
)
from aniworld_core.application.library.scan_views import (
    AdoptableView,
    AdoptedView,
    AdoptionReportView,
    InspectionView,
    LibraryFileView,
    LossView,
    ProposalView,
    ScanReportView,
)
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
from aniworld_core.application.library.scans.state import ScanContext
from aniworld_core.application.library.series_on_disk import SeriesOnDisk
from aniworld_core.application.library.views import (
    AddedAnime,
    AnimeDetail,
    AnimeSummary,
    EpisodeView,
    ExistingFilesView,
    LinkResultView,
    TitlesView,
)

__all__ = [
    "AddedAnime",
    "AdoptableFolder",
    "AdoptableFolders",
    "AdoptableView",
    "Adopted",
    "AdoptedView",
    "Adoption",
    "AdoptionChoice",
    "AdoptionReport",
    "AdoptionReportView",
    "AnimeDetail",
    "AnimeSummary",
    "AppliedPlan",
    "AppliedPlanView",
    "AttentionKind",
    "AttentionOverview",
    "AttentionView",
    "ChangeEffects",
    "ChangeEntryView",
    "ChangePlanView",
    "ChangeRunner",
    "ChangeView",
    "Confidence",
    "DeletionPlanner",
    "EpisodeView",
    "ExistingFilesView",
    "ExistingFolders",
    "FileContents",
    "FilePins",
    "HeldPolicy",
    "Identification",
    "ImportCorrection",
    "ImportDraft",
    "ImportDraftView",
    "ImportPlanner",
    "ImportRequest",
    "InspectionReport",
    "InspectionView",
    "LibraryAttention",
    "LibraryChanges",
    "LibraryFileView",
    "LibraryScanner",
    "LinkResultView",
    "LossView",
    "OtherScans",
    "Proposal",
    "ProposalView",
    "RecycleBin",
    "RenamePlanner",
    "ScanContext",
    "ScanNotes",
    "ScanOptions",
    "ScanReport",
    "ScanReportView",
    "ScanState",
    "ScanStatus",
    "SeriesOnDisk",
    "SidecarPlanner",
    "SidecarRequest",
    "SourceResult",
    "SourceResultView",
    "TitlesView",
    "in_turn",
    "rest_after",
]
