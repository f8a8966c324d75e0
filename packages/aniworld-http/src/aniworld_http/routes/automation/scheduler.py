"""/api/scheduler: schedule of automatic scans."""

from typing import Final

from aiohttp import web

from aniworld_core.domain.access import Scope
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Link, Operation
from aniworld_http.schemas import cached_json, json_response, read_document
from aniworld_http.schemas.anime import ScanStarted
from aniworld_http.schemas.automation import Schedule, ScheduleView, in_section, read_change


async def read(request: web.Request) -> web.Response:
    """Return the schedule."""
    config = await request.app[APPLICATION].config.read()
    return cached_json(request, Schedule.of(config.scheduler))


async def change(request: web.Request) -> web.Response:
    """Change the schedule."""
    document = read_change(await read_document(request))
    with in_section():
        config = await request.app[APPLICATION].config.replace(document)
    return json_response(Schedule.of(config.scheduler))


async def status(request: web.Request) -> web.Response:
    """Return the last and the next run."""
    return json_response(ScheduleView.of(await request.app[APPLICATION].schedule.status()))


async def trigger(request: web.Request) -> web.Response:
    """Start a scan."""
    scan_id = await request.app[APPLICATION].scans.start()
    return json_response(ScanStarted(scan_id=scan_id), status=202)


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/scheduler/config",
        handler=read,
        id="getSchedule",
        summary="Return the schedule of automatic scans",
        answers={200: Answer(description="The schedule", content=Schedule)},
    ),
    Operation(
        method="PUT",
        path="/api/scheduler/config",
        handler=change,
        id="putSchedule",
        summary="Change the schedule or a part of it",
        body=Schedule,
        answers={200: Answer(description="The changed schedule", content=Schedule)},
        scope=Scope.ADMIN,
    ),
    Operation(
        method="GET",
        path="/api/scheduler/status",
        handler=status,
        id="getSchedulerStatus",
        summary="Return the last run, its result, and the next run",
        answers={200: Answer(description="State of the schedule", content=ScheduleView)},
    ),
    Operation(
        method="POST",
        path="/api/scheduler/trigger-rescan",
        handler=trigger,
        id="triggerRescan",
        summary="Start a scan now, independent of the schedule",
        answers={202: Answer(description="The scan has started", content=ScanStarted)},
        problems=(409,),
        links=(Link(operation="getScan", parameters={}, status=202),),
    ),
)
