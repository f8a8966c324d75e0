"""/api/calendar, /api/history and /api/scheduler: what is expected, what happened, and scans."""

from typing import Final

from aniworld_http.operations import Operation
from aniworld_http.routes.automation import calendar, history, scheduler

OPERATIONS: Final[tuple[Operation, ...]] = (
    *calendar.OPERATIONS,
    *history.OPERATIONS,
    *scheduler.OPERATIONS,
)

__all__ = ["OPERATIONS"]
