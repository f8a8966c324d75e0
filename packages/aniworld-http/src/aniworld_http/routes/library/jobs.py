"""/api/jobs: one action on many series, in the background."""

from typing import Annotated, Final

from aiohttp import web
from msgspec import Meta

from aniworld_core.application.downloads import JobEstimate, JobView
from aniworld_core.domain.downloads import BulkJob
from aniworld_core.domain.identity import JobId
from aniworld_core.errors import JobNotFoundError
from aniworld_http.errors import blame
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Link, Operation
from aniworld_http.schemas import json_response, read_body, read_query
from aniworld_http.schemas.library.jobs import JobBody, JobsQuery
from aniworld_http.security.key_names import job_without_key_name, may_see_key_names

#: Every number of so many digits fits into the database.
_MOST_DIGITS: Final = 15


async def estimate(request: web.Request) -> web.Response:
    """Return what a job would do."""
    body = await read_body(request, JobBody)
    with blame("/parent"):
        found = await request.app[APPLICATION].jobs.estimate(
            body.to_domain(), body.selection.to_domain()
        )
    return json_response(found)


async def start(request: web.Request) -> web.Response:
    """Start a job."""
    body = await read_body(request, JobBody)
    with blame("/parent"):
        job = await request.app[APPLICATION].jobs.start(
            body.to_domain(), body.selection.to_domain()
        )
    return json_response(await _view(request, job), status=202)


async def list_jobs(request: web.Request) -> web.Response:
    """List the newest jobs."""
    query = read_query(request, JobsQuery)
    found = await request.app[APPLICATION].jobs.find(limit=query.limit)
    return json_response([await _view(request, job) for job in found])


async def show(request: web.Request) -> web.Response:
    """Return a job."""
    job = await request.app[APPLICATION].jobs.get(_id(request))
    return json_response(await _view(request, job))


async def cancel(request: web.Request) -> web.Response:
    """Cancel a job."""
    job = await request.app[APPLICATION].jobs.cancel(_id(request))
    return json_response(await _view(request, job), status=202)


async def undo(request: web.Request) -> web.Response:
    """Undo a job."""
    job = await request.app[APPLICATION].jobs.undo(_id(request))
    return json_response(await _view(request, job), status=202)


async def _view(request: web.Request, job: BulkJob) -> JobView:
    view = JobView.of(job)
    return view if await may_see_key_names(request) else job_without_key_name(view)


def _id(request: web.Request) -> JobId:
    text = request.match_info["job_id"]
    number = int(text[: _MOST_DIGITS + 1]) if text.isascii() and text.isdigit() else 0
    if len(text) > _MOST_DIGITS:
        raise JobNotFoundError(number)
    return JobId(number)


_ID: Final = {"job_id": Annotated[int, Meta(ge=1, le=2**53, description="Number")]}
_UNDO: Final = "With `undo` its changes are taken back, as far as nobody changed the series since."
OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/api/jobs/estimate",
        handler=estimate,
        id="estimateJob",
        summary="Count what a job would do; nothing is changed",
        body=JobBody,
        answers={200: Answer(description="The numbers", content=JobEstimate)},
    ),
    Operation(
        method="POST",
        path="/api/jobs",
        handler=start,
        id="startJob",
        summary="Queue, edit or remove many series in the background",
        description=(
            "The job continues after a restart of the server. Its progress is sent to the room "
            f"`jobs` of the WebSocket. {_UNDO}"
        ),
        body=JobBody,
        answers={202: Answer(description="The job", content=JobView)},
        links=(
            Link(operation="getJob", parameters={"job_id": "$response.body#/id"}, status=202),
            Link(operation="cancelJob", parameters={"job_id": "$response.body#/id"}, status=202),
            Link(operation="undoJob", parameters={"job_id": "$response.body#/id"}, status=202),
        ),
    ),
    Operation(
        method="GET",
        path="/api/jobs",
        handler=list_jobs,
        id="listJobs",
        summary="List the newest jobs, newest first",
        query=JobsQuery,
        answers={200: Answer(description="The jobs", content=tuple[JobView, ...])},
    ),
    Operation(
        method="GET",
        path="/api/jobs/{job_id}",
        handler=show,
        id="getJob",
        summary="Return a job and how far it is",
        path_types=_ID,
        answers={200: Answer(description="The job", content=JobView)},
        problems=(404,),
    ),
    Operation(
        method="DELETE",
        path="/api/jobs/{job_id}",
        handler=cancel,
        id="cancelJob",
        summary="Cancel a job; a running one ends after the series that is being changed",
        description="Changed series stay changed; `undo` changes them back. An ended job stays.",
        path_types=_ID,
        answers={202: Answer(description="The job at present", content=JobView)},
        problems=(404,),
    ),
    Operation(
        method="POST",
        path="/api/jobs/{job_id}/undo",
        handler=undo,
        id="undoJob",
        summary="Change the series of an ended job back, in the background",
        path_types=_ID,
        answers={202: Answer(description="The job", content=JobView)},
        problems=(404, 409),
    ),
)
