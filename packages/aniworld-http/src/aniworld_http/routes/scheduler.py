"""/api/scheduler: when the library is scanned by itself."""

from typing import Final

from aiohttp import web

from aniworld_core.domain.access import Scope
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Link, Operation
from aniworld_http.schemas import cached_json, json_response, read_document
from aniworld_http.schemas.anime import ScanStarted
from aniworld_http.schemas.scheduler import Schedule, ScheduleView, in_section, read_change


async def read(request: web.Request) -> web.Response:
    """Show when it is scanned."""
    config = await request.app[APPLICATION].config.read()
    return cached_json(request, Schedule.of(config.scheduler))


async def change(request: web.Request) -> web.Response:
    """Change when it is scanned."""
    document = read_change(await read_document(request))
    with in_section():
        config = await request.app[APPLICATION].config.replace(document)
    return json_response(Schedule.of(config.scheduler))


async def status(request: web.Request) -> web.Response:
    """Tell how the schedule stands."""
    return json_response(ScheduleView.of(await request.app[APPLICATION].schedule.status()))


async def trigger(request: web.Request) -> web.Response:
    """Scan now."""
    scan_id = await request.app[APPLICATION].scans.start()
    return json_response(ScanStarted(scan_id=scan_id), status=202)


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/scheduler/config",
        handler=read,
        id="getSchedule",
        summary="When the library is scanned by itself",
        answers={200: Answer(description="The schedule", content=Schedule)},
    ),
    Operation(
        method="PUT",
        path="/api/scheduler/config",
        handler=change,
        id="putSchedule",
        summary="Change the schedule or any part of it",
        body=Schedule,
        answers={200: Answer(description="The schedule now", content=Schedule)},
        scope=Scope.ADMIN,
    ),
    Operation(
        method="GET",
        path="/api/scheduler/status",
        handler=status,
        id="getSchedulerStatus",
        summary="When it ran last, how that ended, and when it runs next",
        answers={200: Answer(description="How it stands", content=ScheduleView)},
    ),
    Operation(
        method="POST",
        path="/api/scheduler/trigger-rescan",
        handler=trigger,
        id="triggerRescan",
        summary="Scan the library now, whatever the schedule says",
        answers={202: Answer(description="The scan has begun", content=ScanStarted)},
        problems=(409,),
        links=(Link(operation="getScan", parameters={}, status=202),),
    ),
)
