"""Queue episodes, download them, put them into the library and remove them from it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.application.downloads.bandwidth import SharedThrottle
    from aniworld_core.application.downloads.bulk.downloading import DownloadWork
    from aniworld_core.application.downloads.bulk.editing import EditWork
    from aniworld_core.application.downloads.bulk.jobs import BulkJobs
    from aniworld_core.application.downloads.bulk.removing import RemovalWork
    from aniworld_core.application.downloads.bulk.selection import (
        JobEstimate,
        JobPlanner,
        SeriesSelection,
    )
    from aniworld_core.application.downloads.bulk.views import JobView
    from aniworld_core.application.downloads.episode_download import EpisodeDownload
    from aniworld_core.application.downloads.leftovers import Leftovers
    from aniworld_core.application.downloads.legacy_import import LegacyFiles, LegacyImport
    from aniworld_core.application.downloads.link_fetch import LinkFetch, LinkOrder
    from aniworld_core.application.downloads.queue.changes import events_between
    from aniworld_core.application.downloads.queue.download_queue import DownloadQueue, Submission
    from aniworld_core.application.downloads.queue.episode_selection import EpisodeRequest, Skipped
    from aniworld_core.application.downloads.queue.reader import (
        ITEMS_PER_LIST,
        QueueReader,
        QueueStatus,
        QueueSummary,
        counts_by_name,
    )
    from aniworld_core.application.downloads.queue.switch import QueueSwitch
    from aniworld_core.application.downloads.queue.views import (
        DownloadItemView,
        RestingView,
        SkippedView,
        WorkerView,
    )
    from aniworld_core.application.downloads.removal import (
        UNCHANGED,
        ItemRemoval,
        LibraryActions,
        SeriesChanges,
        Unchanged,
    )
    from aniworld_core.application.downloads.replacement import STAGING, Replacement
    from aniworld_core.application.downloads.resting import RestingCatalogues
    from aniworld_core.application.downloads.sources import EpisodeSources
    from aniworld_core.application.downloads.stream_fetch import StreamFetch, StreamOrder
    from aniworld_core.application.downloads.upgrades import UpgradeRequest, Upgrades, UpgradeView
    from aniworld_core.application.downloads.wanted import WantedList, WantedView
    from aniworld_core.application.downloads.work.attempt import ItemAttempt
    from aniworld_core.application.downloads.work.claim_session import LEASE, ItemSession
    from aniworld_core.application.downloads.work.conditions import QueueConditions, next_opening
    from aniworld_core.application.downloads.work.context import WorkContext, WorkTickets
    from aniworld_core.application.downloads.work.dead_worker_sweep import (
        LIVE_WORKER_GRACE,
        SWEEP_EVERY,
        DeadWorkerSweep,
    )
    from aniworld_core.application.downloads.work.gate import WorkerGate
    from aniworld_core.application.downloads.work.lanes import WorkerLanes
    from aniworld_core.application.downloads.work.settlement import ItemSettlement
    from aniworld_core.application.downloads.work.worker import DownloadWorker, DrainReport

__all__ = [
    "ITEMS_PER_LIST",
    "LEASE",
    "LIVE_WORKER_GRACE",
    "STAGING",
    "SWEEP_EVERY",
    "UNCHANGED",
    "BulkJobs",
    "DeadWorkerSweep",
    "DownloadItemView",
    "DownloadQueue",
    "DownloadWork",
    "DownloadWorker",
    "DrainReport",
    "EditWork",
    "EpisodeDownload",
    "EpisodeRequest",
    "EpisodeSources",
    "ItemAttempt",
    "ItemRemoval",
    "ItemSession",
    "ItemSettlement",
    "JobEstimate",
    "JobPlanner",
    "JobView",
    "Leftovers",
    "LegacyFiles",
    "LegacyImport",
    "LibraryActions",
    "LinkFetch",
    "LinkOrder",
    "QueueConditions",
    "QueueReader",
    "QueueStatus",
    "QueueSummary",
    "QueueSwitch",
    "RemovalWork",
    "Replacement",
    "RestingCatalogues",
    "RestingView",
    "SeriesChanges",
    "SeriesSelection",
    "SharedThrottle",
    "Skipped",
    "SkippedView",
    "StreamFetch",
    "StreamOrder",
    "Submission",
    "Unchanged",
    "UpgradeRequest",
    "UpgradeView",
    "Upgrades",
    "WantedList",
    "WantedView",
    "WorkContext",
    "WorkTickets",
    "WorkerGate",
    "WorkerLanes",
    "WorkerView",
    "counts_by_name",
    "events_between",
    "next_opening",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "bandwidth": ("SharedThrottle",),
        "bulk.downloading": ("DownloadWork",),
        "bulk.editing": ("EditWork",),
        "bulk.jobs": ("BulkJobs",),
        "bulk.removing": ("RemovalWork",),
        "bulk.selection": (
            "JobEstimate",
            "JobPlanner",
            "SeriesSelection",
        ),
        "bulk.views": ("JobView",),
        "episode_download": ("EpisodeDownload",),
        "leftovers": ("Leftovers",),
        "legacy_import": ("LegacyFiles", "LegacyImport"),
        "link_fetch": ("LinkFetch", "LinkOrder"),
        "queue.changes": ("events_between",),
        "queue.download_queue": ("DownloadQueue", "Submission"),
        "queue.episode_selection": ("EpisodeRequest", "Skipped"),
        "queue.reader": (
            "ITEMS_PER_LIST",
            "QueueReader",
            "QueueStatus",
            "QueueSummary",
            "counts_by_name",
        ),
        "queue.switch": ("QueueSwitch",),
        "queue.views": ("DownloadItemView", "RestingView", "SkippedView", "WorkerView"),
        "removal": ("UNCHANGED", "ItemRemoval", "LibraryActions", "SeriesChanges", "Unchanged"),
        "replacement": ("STAGING", "Replacement"),
        "resting": ("RestingCatalogues",),
        "sources": ("EpisodeSources",),
        "stream_fetch": ("StreamFetch", "StreamOrder"),
        "upgrades": ("UpgradeRequest", "Upgrades", "UpgradeView"),
        "wanted": ("WantedList", "WantedView"),
        "work.attempt": ("ItemAttempt",),
        "work.claim_session": ("LEASE", "ItemSession"),
        "work.conditions": ("QueueConditions", "next_opening"),
        "work.context": ("WorkContext", "WorkTickets"),
        "work.dead_worker_sweep": ("LIVE_WORKER_GRACE", "SWEEP_EVERY", "DeadWorkerSweep"),
        "work.gate": ("WorkerGate",),
        "work.lanes": ("WorkerLanes",),
        "work.settlement": ("ItemSettlement",),
        "work.worker": ("DownloadWorker", "DrainReport"),
    },
)
