"""Background work: scheduled scans, missing episodes, notifications, the history."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.application.automation.event_texts import notification_of, trial_message
    from aniworld_core.application.automation.file_inspection import FileInspection
    from aniworld_core.application.automation.history.reader import (
        HistoryEntryView,
        HistoryReader,
    )
    from aniworld_core.application.automation.history.recorder import (
        MOST_ENTRIES,
        HistoryLimit,
        HistoryRecorder,
    )
    from aniworld_core.application.automation.library_watch import LibraryWatch
    from aniworld_core.application.automation.media_server_refresh import (
        MediaServerRefresh,
        MediaServerState,
        OpenMediaServer,
    )
    from aniworld_core.application.automation.missing_episodes import MissingEpisodes
    from aniworld_core.application.automation.notification_sender import (
        DISK_LOW_AGAIN,
        Address,
        NotificationSender,
        OpenNotifier,
    )
    from aniworld_core.application.automation.other_processes import OtherProcesses
    from aniworld_core.application.automation.process_link import LinkedBus
    from aniworld_core.application.automation.releases.calendar import (
        MOST_DAYS,
        CalendarEntryView,
        CalendarRange,
        ReleaseCalendar,
        parse_calendar_range,
    )
    from aniworld_core.application.automation.releases.watch import (
        CHECK_EVERY,
        LOOK_EVERY,
        ReleaseWatch,
    )
    from aniworld_core.application.automation.rescan_schedule import (
        LEASE,
        TICK,
        RescanSchedule,
        ScheduleStatus,
    )
    from aniworld_core.application.automation.roles.leader_duties import LeaderDuties
    from aniworld_core.application.automation.roles.membership import Membership
    from aniworld_core.application.automation.roles.queue_runner import QueueRunner
    from aniworld_core.application.automation.scan_runner import ScanRunner
    from aniworld_core.application.automation.service_setup import (
        NotificationAddressView,
        NotificationSetup,
    )
    from aniworld_core.application.automation.setting_tests import SettingTests, SettingTrial, tried
    from aniworld_core.application.automation.sidecar_writer import SidecarWriter
    from aniworld_core.application.automation.statistics.counting import LibraryMeasurement
    from aniworld_core.application.automation.statistics.reader import (
        MOST_WEEKS,
        ForecastView,
        ShareView,
        StatisticsReader,
        StatisticsView,
    )
    from aniworld_core.application.automation.tasks.background import (
        BackgroundTasks,
        PeriodicTask,
        TaskLoop,
        every,
        parse_task_name,
    )
    from aniworld_core.application.automation.tasks.runs import TaskRuns
    from aniworld_core.application.automation.tasks.views import TaskView

__all__ = [
    "CHECK_EVERY",
    "DISK_LOW_AGAIN",
    "LEASE",
    "LOOK_EVERY",
    "MOST_DAYS",
    "MOST_ENTRIES",
    "MOST_WEEKS",
    "TICK",
    "Address",
    "BackgroundTasks",
    "CalendarEntryView",
    "CalendarRange",
    "FileInspection",
    "ForecastView",
    "HistoryEntryView",
    "HistoryLimit",
    "HistoryReader",
    "HistoryRecorder",
    "LeaderDuties",
    "LibraryMeasurement",
    "LibraryWatch",
    "LinkedBus",
    "MediaServerRefresh",
    "MediaServerState",
    "Membership",
    "MissingEpisodes",
    "NotificationAddressView",
    "NotificationSender",
    "NotificationSetup",
    "OpenMediaServer",
    "OpenNotifier",
    "OtherProcesses",
    "PeriodicTask",
    "QueueRunner",
    "ReleaseCalendar",
    "ReleaseWatch",
    "RescanSchedule",
    "ScanRunner",
    "ScheduleStatus",
    "SettingTests",
    "SettingTrial",
    "ShareView",
    "SidecarWriter",
    "StatisticsReader",
    "StatisticsView",
    "TaskLoop",
    "TaskRuns",
    "TaskView",
    "every",
    "notification_of",
    "parse_calendar_range",
    "parse_task_name",
    "trial_message",
    "tried",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "event_texts": ("notification_of", "trial_message"),
        "file_inspection": ("FileInspection",),
        "history.recorder": ("MOST_ENTRIES", "HistoryLimit", "HistoryRecorder"),
        "history.reader": ("HistoryEntryView", "HistoryReader"),
        "library_watch": ("LibraryWatch",),
        "media_server_refresh": ("MediaServerRefresh", "MediaServerState", "OpenMediaServer"),
        "missing_episodes": ("MissingEpisodes",),
        "notification_sender": ("DISK_LOW_AGAIN", "Address", "NotificationSender", "OpenNotifier"),
        "service_setup": ("NotificationAddressView", "NotificationSetup"),
        "other_processes": ("OtherProcesses",),
        "process_link": ("LinkedBus",),
        "releases.calendar": (
            "MOST_DAYS",
            "CalendarEntryView",
            "CalendarRange",
            "ReleaseCalendar",
            "parse_calendar_range",
        ),
        "releases.watch": ("CHECK_EVERY", "LOOK_EVERY", "ReleaseWatch"),
        "rescan_schedule": ("LEASE", "TICK", "RescanSchedule", "ScheduleStatus"),
        "scan_runner": ("ScanRunner",),
        "setting_tests": ("SettingTests", "SettingTrial", "tried"),
        "sidecar_writer": ("SidecarWriter",),
        "statistics.counting": ("LibraryMeasurement",),
        "statistics.reader": (
            "MOST_WEEKS",
            "ForecastView",
            "ShareView",
            "StatisticsReader",
            "StatisticsView",
        ),
        "roles.leader_duties": ("LeaderDuties",),
        "roles.membership": ("Membership",),
        "roles.queue_runner": ("QueueRunner",),
        "tasks.background": (
            "BackgroundTasks",
            "PeriodicTask",
            "TaskLoop",
            "every",
            "parse_task_name",
        ),
        "tasks.runs": ("TaskRuns",),
        "tasks.views": ("TaskView",),
    },
)
