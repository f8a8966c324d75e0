"""Scheduled library scans, the calendar, and notifications about events."""

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
from aniworld_core.domain.automation.notifications import Notification
from aniworld_core.domain.automation.release_delays import (
    FEWEST,
    DelayRange,
    ReleaseDelays,
    delay_range,
)
from aniworld_core.domain.automation.schedule import ScheduleState, next_run

__all__ = [
    "FEWEST",
    "Airing",
    "AiringState",
    "CalendarEntry",
    "DelayRange",
    "ExpectedVersion",
    "Notification",
    "ReleaseDelays",
    "ScheduleState",
    "airings",
    "between",
    "delay_range",
    "expected_versions",
    "in_order",
    "is_release_near",
    "next_run",
]
