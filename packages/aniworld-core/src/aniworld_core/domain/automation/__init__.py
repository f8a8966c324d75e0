"""Scheduled library scans, and notifications about events."""

from aniworld_core.domain.automation.notifications import News
from aniworld_core.domain.automation.schedule import ScheduleState, next_run

__all__ = ["News", "ScheduleState", "next_run"]
