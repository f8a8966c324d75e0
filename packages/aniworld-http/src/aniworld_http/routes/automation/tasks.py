"""/api/tasks: the background tasks of the server."""

from typing import Final

from aiohttp import web

from aniworld_core.application.automation import TaskView
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Operation
from aniworld_http.schemas import json_response


async def list_tasks(request: web.Request) -> web.Response:
    """List the tasks."""
    return json_response(await request.app[APPLICATION].tasks.views())


async def run(request: web.Request) -> web.Response:
    """Start a task."""
    name = request.match_info["name"]
    return json_response(await request.app[APPLICATION].tasks.start(name), status=202)


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/tasks",
        handler=list_tasks,
        id="listTasks",
        summary="List the background tasks with their last and next runs",
        answers={200: Answer(description="The tasks", content=tuple[TaskView, ...])},
    ),
    Operation(
        method="POST",
        path="/api/tasks/{name}/run",
        handler=run,
        id="runTask",
        summary="Run a periodic task now",
        description="Tasks that run as long as the server cannot be started.",
        answers={202: Answer(description="The task has started", content=TaskView)},
        problems=(404, 409),
    ),
)
