"""`aniworld worker` and `aniworld scheduler`: one role of a server in a process of its own."""

import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated, Final

import anyio
import anyio.abc
import attrs
from cyclopts import Parameter
from cyclopts.validators import Number

from aniworld_cli.exit_codes import DONE
from aniworld_cli.rendering.texts import tr
from aniworld_cli.session import CurrentSession
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.automation import Role, TaskName
from aniworld_core.errors import StorageUnavailableError

#: Seconds for active items to return to the queue at the end.
_STOP_SECONDS: Final = 10.0
#: Seconds between two attempts to open the database.
_RETRY_SECONDS: Final = 2.0


async def worker(
    *,
    slots: Annotated[int | None, Parameter(validator=Number(gte=1, lte=64))] = None,
    session: CurrentSession,
) -> int:
    """Download the items of the queue, until Ctrl-C or SIGTERM; serve no pages.

    Stop, pause and settings of the server apply. At the end active items return to the queue with
    the bytes they have; other workers continue them.

    Args:
        slots: Items at the same time on this machine; overrides downloads.concurrent.
        session: The run of the command.
    """
    settings = session.set_up_server_logging(session.settings())
    settings = attrs.evolve(settings, worker_slots=slots)
    async with _application(session, settings) as app, anyio.create_task_group() as tasks:
        runner = app.queue_runner()
        await tasks.start(_wait_for_signal, tasks.cancel_scope)
        try:
            await runner.restore()
            session.output.announce(tr("{id} downloads", id=app.worker.id))
            async with anyio.create_task_group() as running:
                _follow_others(app, running)
                running.start_soon(app.tasks.follow, TaskName.QUEUE_CONTROL, runner.follow_others)
                await app.membership.run({Role.WORKER}, slots=app.worker_slots)
        finally:
            with anyio.CancelScope(shield=True), anyio.move_on_after(_STOP_SECONDS):
                try:
                    await runner.stop()
                except StorageUnavailableError as error:
                    session.output.error(error)  # the sweep of another worker requeues them
    return DONE


async def scheduler(*, session: CurrentSession) -> int:
    """Scan, delete, copy and notify by schedule, until Ctrl-C or SIGTERM; serve no pages.

    Only one process of an installation does this at a time. The others wait, and one of them takes
    over within 10 seconds.

    Args:
        session: The run of the command.
    """
    settings = session.set_up_server_logging(session.settings())
    async with _application(session, settings) as app, anyio.create_task_group() as tasks:
        await tasks.start(_wait_for_signal, tasks.cancel_scope)
        session.output.announce("waiting for the lead, or doing the scheduled work")
        _follow_others(app, tasks)
        tasks.start_soon(app.duties.run)
        await app.membership.run({Role.SCHEDULER})
    return DONE


@asynccontextmanager
async def _application(session: CurrentSession, settings: Settings) -> AsyncIterator[Application]:
    """Open the application; wait for a database that cannot be reached, and say so once.

    Raises:
        OtherVersionError: If a process of this installation runs another version.
        AniworldError: Other errors of `Session.application`.
    """
    is_told = False
    while True:
        async with AsyncExitStack() as stack:
            try:
                app = await stack.enter_async_context(session.application(settings))
                await app.membership.require_same_version()
            except StorageUnavailableError as error:
                if not is_told:
                    session.output.error(error)
                is_told = True
            else:
                yield app
                return
        await anyio.sleep(_RETRY_SECONDS)


def _follow_others(app: Application, tasks: anyio.abc.TaskGroup) -> None:
    """Put changed settings in force, and publish what other processes do."""
    tasks.start_soon(app.tasks.follow, TaskName.OTHER_PROCESSES, app.others.run)


async def _wait_for_signal(
    work: anyio.CancelScope, *, task_status: anyio.abc.TaskStatus[None]
) -> None:
    # A stop on request is a success, unlike the interruption of other commands.
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        task_status.started()
        async for _ in signals:
            work.cancel()
            return
