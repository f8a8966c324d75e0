"""What begins with the server and ends with it, in this order; the end is the reverse.

Each end has its limit, so that the whole shutdown stays within thirty seconds:

1. the sockets are told and closed (5 s), by the context that `websocket` adds last
2. the queue gives its items back, transfers end (10 s)
3. everything else is cancelled (2 s)

Before that nothing more is accepted, and after it the storage is closed; see `serving`.
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
from aniworld_http.checks.loop_probe import LOOP_PROBE
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
    """Let everything that is not a request run for as long as the server does."""
    app.cleanup_ctx.extend([_housekeeping, _queue])


async def _housekeeping(app: web.Application) -> AsyncIterator[None]:
    application = app[APPLICATION]
    forget_sessions = _repeat(
        "the removal of old sessions",
        app[AUTHENTICATOR].prune,
        _PRUNE_EVERY,
        application.clock,
        application.outage,
    )
    jobs = {
        "loop probe": app[LOOP_PROBE].run(),
        "reaper of connections": _reap(app),
        "forgetting of sessions": forget_sessions,
        "import of former data": application.legacy.at_start(),
        "notifications": application.notifications.run(),
        "schedule": application.schedule.run(),
        "copies of the database": application.copies.run(),
        "scans": application.scans.run(),
        "watch on other processes": application.others.run(),
        "queue control of other processes": app[QUEUE_RUNNER].follow_others(),
    }
    async with _running(jobs):
        yield


async def _queue(app: web.Application) -> AsyncIterator[None]:
    runner = app[QUEUE_RUNNER]
    try:
        await runner.restore()
    except LibraryNotSetError as error:
        logger.warning("the queue does not run: %s", error)
    yield
    with anyio.move_on_after(QUEUE_SECONDS) as limit:
        try:
            await runner.stop()
        except StorageUnavailableError as error:
            logger.warning("the queue could not be given back; the next start does: %s", error)
    if limit.cancelled_caught:
        logger.warning("the queue did not stop in %.0f s; the next start tidies up", QUEUE_SECONDS)


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
    """Do something at intervals until cancelled; after an outage it is tried again soon.

    Args:
        name: What it is, for the log.
        work: Does it once.
        every: How long to rest in between.
        clock: The time.
        outage: Logs that the database cannot be used.
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
    """Run things beside the requests; if one ends by a mistake, that is told at once."""
    tasks = [asyncio.create_task(job, name=name) for name, job in jobs.items()]
    for task in tasks:
        task.add_done_callback(_tell)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        # All at once: the limit is that of their end together.
        _, late = await asyncio.wait(tasks, timeout=_CANCEL_SECONDS)
        for task in late:
            logger.warning("the %s did not end in %.0f s", task.get_name(), _CANCEL_SECONDS)


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.critical("the %s ended", task.get_name(), exc_info=error)
