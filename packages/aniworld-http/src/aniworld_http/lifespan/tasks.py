"""Background tasks of the server, and their part of the shutdown.

Each step of the shutdown has a time limit, so that all of it takes at most 30 seconds:

1. `websocket` notifies and closes its connections (5 s).
2. The queue puts active items back to pending and ends transfers (10 s).
3. All other tasks are cancelled (2 s).

`serving` stops accepting before these steps. The storage is closed after them.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import anyio
from aiohttp import web

from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.errors import LibraryNotSetError, StorageUnavailableError
from aniworld_core.ports.clock import Clock
from aniworld_http.checks import LOOP_PROBE
from aniworld_http.keys import APPLICATION, AUTHENTICATOR
from aniworld_http.queue_runner import QUEUE_RUNNER
from aniworld_http.security.connections import CONNECTIONS

logger: Final = logging.getLogger(__name__)

QUEUE_SECONDS: Final = 10.0
_CANCEL_SECONDS: Final = 2.0
_PRUNE_EVERY: Final = timedelta(hours=1)
#: Time until a repeated task is tried again after the database could not be used.
_RETRY_AFTER: Final = timedelta(seconds=5)


def add_background(app: web.Application) -> None:
    """Run the background tasks as long as the server runs."""
    app.cleanup_ctx.extend([_run_tasks, _queue])


async def _run_tasks(app: web.Application) -> AsyncIterator[None]:
    application = app[APPLICATION]
    prune_sessions = _repeat(
        "the removal of old sessions",
        app[AUTHENTICATOR].prune,
        _PRUNE_EVERY,
        application.clock,
        application.outage,
    )
    jobs = {
        "loop probe": app[LOOP_PROBE].run(),
        "limit on connections": _reap(app),
        "removal of old sessions": prune_sessions,
        "import of legacy data": application.legacy.at_start(),
        "notifications": application.notifications.run(),
        "sidecars": application.sidecars.run(),
        "schedule": application.schedule.run(),
        "watch for releases": application.releases.run(),
        "database copies": application.copies.run(),
        "recycle bin": application.recycle_bin.run(),
        "limit of the history": application.history_limit.run(),
        "scans": application.scans.run(),
        "watch of the library folders": application.watch.run(),
        "inspection of files": application.inspection.run(),
        "worker presence": application.others.run(),
        "queue control of other processes": app[QUEUE_RUNNER].follow_others(),
    }
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
        await asyncio.sleep(1)
        app[CONNECTIONS].reap()


async def _repeat(
    name: str,
    work: Callable[[], Awaitable[object]],
    every: timedelta,
    clock: Clock,
    outage: StorageOutage,
) -> None:
    """Call *work* at intervals until cancelled; retry sooner while the database is unavailable.

    Args:
        name: Name of the work for the log.
        work: Does the work once.
        every: Time between two calls.
        clock: Sleeps.
        outage: Logs when the database becomes unavailable and available again.
    """
    while True:
        try:
            await work()
        except StorageUnavailableError as error:
            outage.failed(name, error)
            await clock.sleep(min(every, _RETRY_AFTER))
        else:
            outage.recovered(name)
            await clock.sleep(every)


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
