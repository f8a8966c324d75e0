"""/health: alive, ready, and how everything is."""

from typing import Final

from aiohttp import web

from aniworld_http.keys import APPLICATION, UPTIME
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import json_response
from aniworld_http.schemas.health import Health, Liveness


async def health(request: web.Request) -> web.Response:
    """Tell that the server answers."""
    uptime = request.app[UPTIME]
    return json_response(
        Health(status="ok", version=uptime.version, uptime_seconds=round(uptime.seconds, 1))
    )


async def live(_request: web.Request) -> web.Response:
    """Tell that the event loop turns."""
    return json_response(Liveness(status="ok"))


async def ready(request: web.Request) -> web.Response:
    """Tell that the database answers as well."""
    await request.app[APPLICATION].storage.ping()
    return json_response(Liveness(status="ok"))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/health",
        handler=health,
        id="getHealth",
        summary="Whether the server answers, its version and how long it runs",
        answers={200: Answer(description="It does", content=Health)},
    ),
    Operation(
        method="GET",
        path="/health/live",
        handler=live,
        id="getLiveness",
        summary="Whether the process is alive",
        answers={200: Answer(description="It is", content=Liveness)},
    ),
    Operation(
        method="GET",
        path="/health/ready",
        handler=ready,
        id="getReadiness",
        summary="Whether requests can be served: the database answers",
        answers={200: Answer(description="They can", content=Liveness)},
        problems=(503,),
    ),
)
