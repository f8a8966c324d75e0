"""Queue items and their life cycle, transfer progress, and the choice of language and source."""

from aniworld_core.domain.downloads.items import (
    OPEN_STATUSES,
    Claim,
    DownloadItem,
    DownloadStatus,
    Failure,
    Priority,
    claim_order,
    next_claimable,
)
from aniworld_core.domain.downloads.policy import (
    is_upgrade,
    rank_sources,
    rank_streams,
    text_languages,
    wanted_languages,
)
from aniworld_core.domain.downloads.progress import Phase, Progress

__all__ = [
    "OPEN_STATUSES",
    "Claim",
    "DownloadItem",
    "DownloadStatus",
    "Failure",
    "Phase",
    "Priority",
    "Progress",
    "claim_order",
    "is_upgrade",
    "next_claimable",
    "rank_sources",
    "rank_streams",
    "text_languages",
    "wanted_languages",
]
