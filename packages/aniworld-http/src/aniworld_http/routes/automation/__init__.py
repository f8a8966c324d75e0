"""/api/calendar and /api/scheduler: what is expected, and when the library is scanned."""

from typing import Final

from aniworld_http.operations import Operation
from aniworld_http.routes.automation import calendar, scheduler

OPERATIONS: Final[tuple[Operation, ...]] = (*calendar.OPERATIONS, *scheduler.OPERATIONS)

__all__ = ["OPERATIONS"]
