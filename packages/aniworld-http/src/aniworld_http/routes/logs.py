"""/api/logs: latest log records of the server."""

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
        summary="List the latest log records of this run, newest first",
        description=(
            "The records are in memory, limited in number, and contain no secrets. `logging.level` "
            "sets which records exist. `before` selects older records, `after` newer ones."
        ),
        query=LogQuery,
        answers={
            200: Answer(
                description="The records",
                content=tuple[LogRecord, ...],
                headers={"X-Total-Count": "Number of all matching records"},
            )
        },
        scope=Scope.ADMIN,
    ),
)
