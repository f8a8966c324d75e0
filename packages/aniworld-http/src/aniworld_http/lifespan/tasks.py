"""Background tasks of the server, and their part of the shutdown.

The scheduled work is done by the server only while it leads; see `LeaderDuties`.

Every task has a name in `TaskName` and runs through the registry of `BackgroundTasks`, which the
system page and `aniworld tasks` list. A test checks that no task is started beside it.

Each step of the shutdown has a time limit:

1. `websocket` notifies and closes its connections (5 s).
2. The queue puts active items back to pending and ends transfers (8 s).
3. All other tasks are cancelled (2 s).

`serving` stops accepting before these steps. The storage is closed after them. `deadline` ends the
process if all of it takes longer than 28 seconds, for example because adapters do not close.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import anyio
from aiohttp import web

from aniworld_core.application.automation import TaskLoop
from aniworld_core.application.ticks import next_tick
from aniworld_core.domain.automation import Role, TaskName
from aniworld_core.errors import LibraryNotSetError, StorageUnavailableError
from aniworld_http.checks import LOOP_PROBE
from aniworld_http.keys import APPLICATION, ROLES
from aniworld_http.queue_runner import QUEUE_RUNNER
from aniworld_http.security.connections import CONNECTIONS

logger: Final = logging.getLogger(__name__)

QUEUE_SECONDS: Final = 8.0
_CANCEL_SECONDS: Final = 2.0


def add_background(app: web.Application) -> None:
    """Run the background tasks as long as the server runs."""
    app.cleanup_ctx.extend([_run_tasks, _queue])


async def _run_tasks(app: web.Application) -> AsyncIterator[None]:
    application, roles = app[APPLICATION], app[ROLES]
    loops: Mapping[TaskName, TaskLoop] = {
        TaskName.LOOP_PROBE: app[LOOP_PROBE].run,
        TaskName.CONNECTIONS: partial(_reap, app),
        TaskName.SCAN_REQUESTS: application.scans.run,
        TaskName.BULK_JOBS: application.jobs.run,
        TaskName.OTHER_PROCESSES: application.others.run,
        TaskName.QUEUE_CONTROL: app[QUEUE_RUNNER].follow_others,
    }
    follow = application.tasks.follow
    jobs = {str(name): follow(name, loop) for name, loop in loops.items()}
    slots = application.worker_slots if Role.WORKER in roles else 0
    jobs |= {
        "requested tasks": application.tasks.accept(),
        "membership": application.membership.run(roles, slots=slots),
    }
    if Role.SCHEDULER in roles:
        jobs["scheduled tasks"] = application.duties.run()
    async with _running(jobs):
        yield


async def _queue(app: web.Application) -> AsyncIterator[None]:
    runner = app[QUEUE_RUNNER]
    try:
        await runner.restore()
    except LibraryNotSetError as error:
        logger.warning("cannot start the queue: %s", error)
    yield
    with anyio.move_on_after(QUEUE_SECONDS) as limit:
        try:
            await runner.stop()
        except StorageUnavailableError as error:
            logger.warning("cannot requeue active items; the next start does it: %s", error)
    if limit.cancelled_caught:
        logger.warning("the queue did not stop in %.0f s; the next start repairs it", QUEUE_SECONDS)


async def _reap(app: web.Application) -> None:
    while True:
        await anyio.sleep_until(next_tick(1))
        app[CONNECTIONS].reap()


@asynccontextmanager
async def _running(jobs: Mapping[str, Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run tasks inside the context; log a task that ends with an exception."""
    tasks = [asyncio.create_task(job, name=name) for name, job in jobs.items()]
    for task in tasks:
        task.add_done_callback(_log_failure)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        # The time limit is for all tasks together.
        _, late = await asyncio.wait(tasks, timeout=_CANCEL_SECONDS)
        for task in late:
            logger.warning("the task %s did not end in %.0f s", task.get_name(), _CANCEL_SECONDS)


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.critical("the task %s failed", task.get_name(), exc_info=error)
