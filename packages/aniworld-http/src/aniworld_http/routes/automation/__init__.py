"""/api/calendar, /history, /scheduler, /statistics, /tasks: what is expected, happened, runs."""

from typing import Final

from aniworld_http.operations import Operation
from aniworld_http.routes.automation import (
    calendar,
    history,
    media_servers,
    scheduler,
    statistics,
    tasks,
)

OPERATIONS: Final[tuple[Operation, ...]] = (
    *calendar.OPERATIONS,
    *history.OPERATIONS,
    *media_servers.OPERATIONS,
    *scheduler.OPERATIONS,
    *tasks.OPERATIONS,
    *statistics.OPERATIONS,
)

__all__ = ["OPERATIONS"]
