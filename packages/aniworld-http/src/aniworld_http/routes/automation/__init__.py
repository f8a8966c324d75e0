"""/api/calendar, /api/history, /api/scheduler, /api/tasks: what is expected, happened and runs."""

from typing import Final

from aniworld_http.operations import Operation
from aniworld_http.routes.automation import calendar, history, media_servers, scheduler, tasks

OPERATIONS: Final[tuple[Operation, ...]] = (
    *calendar.OPERATIONS,
    *history.OPERATIONS,
    *media_servers.OPERATIONS,
    *scheduler.OPERATIONS,
    *tasks.OPERATIONS,
)

__all__ = ["OPERATIONS"]
