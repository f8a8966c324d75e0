"""Scheduled library scans, background tasks, the calendar, the history, and notifications."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.domain.automation.calendar import (
        Airing,
        AiringState,
        CalendarEntry,
        ExpectedVersion,
        airings,
        between,
        expected_versions,
        in_order,
        is_release_near,
    )
    from aniworld_core.domain.automation.history import (
        Actor,
        ActorKind,
        HistoryEntry,
        HistoryKind,
        HistoryQuery,
    )
    from aniworld_core.domain.automation.nodes import ANNOUNCE_EVERY, NODE_LEASE, Node, Role
    from aniworld_core.domain.automation.notifications import Notification
    from aniworld_core.domain.automation.release_delays import (
        FEWEST,
        DelayRange,
        ReleaseDelays,
        delay_range,
    )
    from aniworld_core.domain.automation.schedule import ScheduleState, next_run
    from aniworld_core.domain.automation.statistics import (
        FIGURES,
        FORECAST_DAYS,
        LEAST_DAYS,
        LONGEST_NAME,
        MOST,
        DownloadFigures,
        DownloadResult,
        DownloadSums,
        Forecast,
        ForecastKind,
        LibrarySize,
        Week,
        forecast,
        total,
        week_bounds,
        week_starts,
        weeks_of,
    )
    from aniworld_core.domain.automation.tasks import (
        PERIODIC,
        TASK_LEASE,
        TaskKind,
        TaskName,
        TaskOutcome,
        TaskRun,
        begin_run,
    )

__all__ = [
    "ANNOUNCE_EVERY",
    "FEWEST",
    "FIGURES",
    "FORECAST_DAYS",
    "LEAST_DAYS",
    "LONGEST_NAME",
    "MOST",
    "NODE_LEASE",
    "PERIODIC",
    "TASK_LEASE",
    "Actor",
    "ActorKind",
    "Airing",
    "AiringState",
    "CalendarEntry",
    "DelayRange",
    "DownloadFigures",
    "DownloadResult",
    "DownloadSums",
    "ExpectedVersion",
    "Forecast",
    "ForecastKind",
    "HistoryEntry",
    "HistoryKind",
    "HistoryQuery",
    "LibrarySize",
    "Node",
    "Notification",
    "ReleaseDelays",
    "Role",
    "ScheduleState",
    "TaskKind",
    "TaskName",
    "TaskOutcome",
    "TaskRun",
    "Week",
    "airings",
    "begin_run",
    "between",
    "delay_range",
    "expected_versions",
    "forecast",
    "in_order",
    "is_release_near",
    "next_run",
    "total",
    "week_bounds",
    "week_starts",
    "weeks_of",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "calendar": (
            "Airing",
            "AiringState",
            "CalendarEntry",
            "ExpectedVersion",
            "airings",
            "between",
            "expected_versions",
            "in_order",
            "is_release_near",
        ),
        "history": ("Actor", "ActorKind", "HistoryEntry", "HistoryKind", "HistoryQuery"),
        "nodes": ("ANNOUNCE_EVERY", "NODE_LEASE", "Node", "Role"),
        "notifications": ("Notification",),
        "release_delays": ("FEWEST", "DelayRange", "ReleaseDelays", "delay_range"),
        "schedule": ("ScheduleState", "next_run"),
        "statistics": (
            "FIGURES",
            "FORECAST_DAYS",
            "LEAST_DAYS",
            "LONGEST_NAME",
            "MOST",
            "DownloadFigures",
            "DownloadResult",
            "DownloadSums",
            "Forecast",
            "ForecastKind",
            "LibrarySize",
            "Week",
            "forecast",
            "total",
            "week_bounds",
            "week_starts",
            "weeks_of",
        ),
        "tasks": (
            "PERIODIC",
            "TASK_LEASE",
            "TaskKind",
            "TaskName",
            "TaskOutcome",
            "TaskRun",
            "begin_run",
        ),
    },
)
