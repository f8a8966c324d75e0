"""What runs without a request: scans on a schedule, missing episodes, notifications."""

from aniworld_core.application.automation.event_texts import news_of, trial_news
from aniworld_core.application.automation.missing_episodes import MissingEpisodes
from aniworld_core.application.automation.notifier import (
    DISK_LOW_AGAIN,
    Address,
    Announcer,
    OpenNotifier,
)
from aniworld_core.application.automation.other_processes import OtherProcesses
from aniworld_core.application.automation.rescan_schedule import (
    LEASE,
    TICK,
    RescanSchedule,
    ScheduleStatus,
)
from aniworld_core.application.automation.scan_runner import ScanRunner

__all__ = [
    "DISK_LOW_AGAIN",
    "LEASE",
    "TICK",
    "Address",
    "Announcer",
    "MissingEpisodes",
    "OpenNotifier",
    "OtherProcesses",
    "RescanSchedule",
    "ScanRunner",
    "ScheduleStatus",
    "news_of",
    "trial_news",
]
