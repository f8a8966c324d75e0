"""/api/logs: what the server has logged lately."""

import logging
from typing import Final

from aiohttp import web

from aniworld_core.domain.access import Scope
from aniworld_http.keys import LOG_RING
from aniworld_http.operations import SECRET, Answer, Operation
from aniworld_http.schemas import listed, read_query
from aniworld_http.schemas.logs import LogQuery, LogRecord


async def list_records(request: web.Request) -> web.Response:
    """List the newest records."""
    query = read_query(request, LogQuery)
    found = request.app[LOG_RING].find(
        level=logging.getLevelNamesMapping()[query.level],
        search=query.search,
        before=query.before,
        after=query.after,
    )
    return listed(request, [LogRecord.of(each) for each in found[: query.limit]], len(found))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/logs",
        handler=list_records,
        id="listLogs",
        policy=SECRET,
        summary="The newest log records of this run, newest first",
        description=(
            "Bounded, in memory, and without secrets. What is logged at all is decided by "
            "`logging.level`. Ask for older ones with `before`, for newer ones with `after`."
        ),
        query=LogQuery,
        answers={
            200: Answer(
                description="The records",
                content=tuple[LogRecord, ...],
                headers={"X-Total-Count": "How many fit in all"},
            )
        },
        scope=Scope.ADMIN,
    ),
)
