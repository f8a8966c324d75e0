"""Scheduled library scans, and notifications about events."""

from aniworld_core.domain.automation.notifications import Notification
from aniworld_core.domain.automation.schedule import ScheduleState, next_run

__all__ = ["Notification", "ScheduleState", "next_run"]
