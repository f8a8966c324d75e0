"""Queue items and their life cycle, transfer progress, and the choice of language and source."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.domain.downloads.items import (
        Claim,
        DownloadItem,
        Failure,
        Priority,
        claim_order,
        next_claimable,
    )
    from aniworld_core.domain.downloads.jobs import (
        UNFINISHED_JOBS,
        BulkJob,
        JobAction,
        JobKind,
        JobStatus,
        JobStep,
        JobStepState,
        SeasonChoice,
        action_from_json,
        action_to_json,
        with_seasons,
    )
    from aniworld_core.domain.downloads.listing import (
        EntrySeries,
        ItemChange,
        ItemQuery,
        QueueChanges,
        QueueEntry,
        QueueOverview,
        RunState,
        SeriesItems,
        WorkerState,
    )
    from aniworld_core.domain.downloads.policy import (
        is_upgrade,
        rank_sources,
        rank_streams,
        text_languages,
        wanted_languages,
    )
    from aniworld_core.domain.downloads.progress import Phase, Progress
    from aniworld_core.domain.downloads.resting import (
        RESTS,
        CataloguePlace,
        RestingCatalogue,
        rests_at,
    )
    from aniworld_core.domain.downloads.statuses import (
        HELD_STATUSES,
        OPEN_STATUSES,
        SETTLED_STATUSES,
        DownloadStatus,
        ListOrder,
        StatusTraits,
        Step,
    )
    from aniworld_core.domain.downloads.upgrades import UpgradeCandidate, upgrade_candidate

__all__ = [
    "HELD_STATUSES",
    "OPEN_STATUSES",
    "RESTS",
    "SETTLED_STATUSES",
    "UNFINISHED_JOBS",
    "BulkJob",
    "CataloguePlace",
    "Claim",
    "DownloadItem",
    "DownloadStatus",
    "EntrySeries",
    "Failure",
    "ItemChange",
    "ItemQuery",
    "JobAction",
    "JobKind",
    "JobStatus",
    "JobStep",
    "JobStepState",
    "ListOrder",
    "Phase",
    "Priority",
    "Progress",
    "QueueChanges",
    "QueueEntry",
    "QueueOverview",
    "RestingCatalogue",
    "RunState",
    "SeasonChoice",
    "SeriesItems",
    "StatusTraits",
    "Step",
    "UpgradeCandidate",
    "WorkerState",
    "action_from_json",
    "action_to_json",
    "claim_order",
    "is_upgrade",
    "next_claimable",
    "rank_sources",
    "rank_streams",
    "rests_at",
    "text_languages",
    "upgrade_candidate",
    "wanted_languages",
    "with_seasons",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "items": ("Claim", "DownloadItem", "Failure", "Priority", "claim_order", "next_claimable"),
        "jobs": (
            "UNFINISHED_JOBS",
            "BulkJob",
            "JobAction",
            "JobKind",
            "JobStatus",
            "JobStep",
            "JobStepState",
            "SeasonChoice",
            "action_from_json",
            "action_to_json",
            "with_seasons",
        ),
        "listing": (
            "EntrySeries",
            "ItemChange",
            "ItemQuery",
            "QueueChanges",
            "QueueEntry",
            "QueueOverview",
            "RunState",
            "SeriesItems",
            "WorkerState",
        ),
        "policy": (
            "is_upgrade",
            "rank_sources",
            "rank_streams",
            "text_languages",
            "wanted_languages",
        ),
        "progress": ("Phase", "Progress"),
        "resting": ("RESTS", "CataloguePlace", "RestingCatalogue", "rests_at"),
        "statuses": (
            "HELD_STATUSES",
            "OPEN_STATUSES",
            "SETTLED_STATUSES",
            "DownloadStatus",
            "ListOrder",
            "StatusTraits",
            "Step",
        ),
        "upgrades": ("UpgradeCandidate", "upgrade_candidate"),
    },
)
