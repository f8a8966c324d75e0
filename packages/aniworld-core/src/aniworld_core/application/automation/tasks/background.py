"""All background tasks: their times, their state, and runs on request."""

import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import anyio
import anyio.abc
import attrs

from aniworld_core.application.actors import acting_as
from aniworld_core.application.automation.tasks.runs import TaskRuns
from aniworld_core.application.automation.tasks.views import TaskView
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.automation import TaskKind, TaskName, TaskOutcome, TaskRun
from aniworld_core.errors import (
    AniworldError,
    StorageUnavailableError,
    TaskNotFoundError,
    TaskRunningError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock

logger: Final = logging.getLogger(__name__)

#: Longest time between two checks whether a task is due; clock and configuration may change.
TICK: Final = timedelta(minutes=1)
#: Time until a task is tried again after the database could not be used, or it runs elsewhere.
RETRY_AFTER: Final = timedelta(seconds=5)

NextRun: TypeAlias = Callable[[TaskRun | None], Awaitable[datetime | None]]
TaskLoop: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


@attrs.frozen(kw_only=True, eq=False)
class PeriodicTask:
    """A task that runs at intervals.

    Attributes:
        name: Its name.
        work: Does it once, and returns the result in one line.
        next_run: Returns when it runs next, from its last run; `None` while it is switched off.
        start: Starts it on request where its own schedule runs it; `None` for other tasks.
        has_own_loop: A loop of its own decides when it runs.
    """

    name: TaskName
    work: Callable[[], Awaitable[str]]
    next_run: NextRun
    start: Callable[[], Awaitable[object]] | None = None
    has_own_loop: bool = False


@attrs.define(eq=False)
class _Continuous:
    """State of a task that runs as long as the server."""

    started_at: datetime
    finished_at: datetime | None = None
    failure: str = ""


@attrs.define(eq=False, kw_only=True)
class BackgroundTasks:
    """The registry of background tasks. What is not in it is not started.

    Args:
        runs: Performs and stores the runs.
        periodic: Tasks that every process can run, by name.
        clock: The time.
        outage: Records that the runs cannot be read.
    """

    _runs: TaskRuns
    _clock: Clock
    _outage: StorageOutage
    _periodic: dict[TaskName, PeriodicTask]
    _continuous: dict[TaskName, _Continuous] = attrs.field(factory=dict, init=False)
    _requests: anyio.abc.TaskGroup | None = attrs.field(default=None, init=False)

    def add(self, task: PeriodicTask) -> None:
        """Add a task that only this kind of process runs."""
        self._periodic[task.name] = task

    async def views(self) -> Sequence[TaskView]:
        """Return the state of every task.

        Raises:
            StorageUnavailableError: If the runs cannot be read.
        """
        runs = await self._runs.find()
        return [await self._view(name, runs) for name in TaskName]

    async def view(self, name: str) -> TaskView:
        """Return the state of a task.

        Raises:
            TaskNotFoundError: If there is no such task.
            StorageUnavailableError: If the runs cannot be read.
        """
        return await self._view(parse_task_name(name), await self._runs.find())

    async def accept(self) -> None:
        """Perform requested runs until cancelled."""
        async with anyio.create_task_group() as self._requests:
            await anyio.sleep_forever()

    async def serve(self) -> None:
        """Run the periodic tasks until cancelled, as the only process of the installation.

        Continuous tasks have tasks of their own; see `follow`.
        """
        while True:
            try:
                await self._runs.recover()
                break
            except StorageUnavailableError as error:
                self._outage.failed("the background tasks", error)
                await self._clock.sleep(RETRY_AFTER)
        self._outage.recovered("the background tasks")
        async with anyio.create_task_group() as running:
            for task in self._periodic.values():
                if not task.has_own_loop:
                    running.start_soon(self.keep, task.name)
            await anyio.sleep_forever()

    async def keep(self, name: TaskName) -> None:
        """Run one periodic task whenever it is due, until cancelled."""
        task = self._periodic[name]
        while True:
            try:
                wait = await self._step(task)
            except StorageUnavailableError as error:
                self._outage.failed(name, error)
                wait = RETRY_AFTER
            except AniworldError as error:
                logger.warning("the task %s cannot start: %s", name, error)
                wait = TICK
            except Exception:
                # A bug in the schedule of one task must not end the other tasks.
                logger.exception("the task %s cannot start", name)
                wait = TICK
            else:
                self._outage.recovered(name)
            await self._clock.sleep(wait)

    async def follow(self, name: TaskName, loop: TaskLoop) -> None:
        """Run a continuous task as long as the server runs; store that it ended with an error."""
        self._continuous[name] = state = _Continuous(self._clock.now())
        try:
            await loop()
        except Exception as error:
            # Reported on the page: the other tasks and the server go on.
            logger.critical("the task %s failed", name, exc_info=error)
            reason = error.message if isinstance(error, AniworldError) else repr(error)
            state.failure = Message("unexpected", error=reason)
        state.finished_at = self._clock.now()

    async def start(self, name: str) -> TaskView:
        """Start a task now and return at once; only in a server.

        Raises:
            TaskNotFoundError: If there is no such task, or it follows the server.
            TaskRunningError: If it is running, in this process or another.
            AniworldError: If it cannot be started.
        """
        known = parse_task_name(name)
        requests = self._requests
        if requests is None:
            raise StorageUnavailableError(Message("tasks_not_ready"))
        if known.kind is not TaskKind.PERIODIC:
            state = self._continuous.get(known)
            if state is not None and state.finished_at is None:
                raise TaskRunningError(known)
            raise TaskNotFoundError(name, runnable=sorted(self._periodic))
        if (task := self._periodic[known]).start is not None:
            await task.start()
        else:
            run = await self._runs.begin(known)
            requests.start_soon(self._runs.finish, run, task.work)
        return await self.view(known)

    async def perform(self, name: str) -> TaskView:
        """Run a periodic task now, and return its state afterwards.

        Raises:
            TaskNotFoundError: If there is no such task, or only servers run it.
            TaskRunningError: If it is running, in this process or another.
            AniworldError: The error that ended the run.
        """
        known = parse_task_name(name)
        task = self._periodic.get(known)
        if task is None:
            raise TaskNotFoundError(name, runnable=sorted(self._periodic))
        if task.start is not None:
            await task.work()
        else:
            run = await self._runs.begin(known)
            failure = await self._runs.finish(run, task.work)
            if failure is not None:
                raise failure
        return await self.view(known)

    async def _step(self, task: PeriodicTask) -> timedelta:
        """Run a task if it is due; return the time until the next check."""
        last = (await self._runs.find()).get(task.name)
        due = await task.next_run(last)
        now = self._clock.now()
        if due is None:
            return TICK
        if due > now:
            return min(due - now, TICK)
        with acting_as("schedule"):
            try:
                run = await self._runs.begin(task.name)
            except TaskRunningError:
                return RETRY_AFTER
            failure = await self._runs.finish(run, task.work)
        if isinstance(failure, StorageUnavailableError):
            raise failure
        return timedelta(0)

    async def _view(self, name: TaskName, runs: Mapping[str, TaskRun]) -> TaskView:
        if name.kind is TaskKind.PERIODIC:
            return await self._periodic_view(name, runs.get(name))
        state = self._continuous.get(name)
        if state is None:
            return TaskView(name=name, kind=name.kind.value)
        is_running = state.finished_at is None
        return TaskView.of_loop(
            name,
            started_at=state.started_at,
            finished_at=state.finished_at,
            failure=state.failure,
            is_running=is_running,
        )

    async def _periodic_view(self, name: TaskName, run: TaskRun | None) -> TaskView:
        now = self._clock.now()
        task = self._periodic.get(name)
        next_run = None
        if task is not None:
            try:
                next_run = await task.next_run(run)
            except StorageUnavailableError:
                raise
            except Exception as error:
                # The other tasks are still shown; `keep` logs it as well, with each try.
                logger.warning("no next run of the task %s is known: %r", name, error)
        is_running = run is not None and run.is_running(now)
        return TaskView.of_run(
            name,
            run,
            is_running=is_running,
            next_run=None if is_running or next_run is None else max(next_run, now),
            can_run=task is not None and not is_running,
        )


def every(interval: timedelta, clock: Clock, *, first: timedelta = timedelta(0)) -> NextRun:
    """Return the rule of a task that runs at an interval.

    Args:
        interval: Time from the start of one run to the next.
        clock: The time. A last run in the future was before the clock was set back; it counts
            as none.
        first: Time from the start of the process to the first run, if there was none.
    """
    opened = clock.now()

    async def next_run(last: TaskRun | None) -> datetime | None:
        if last is None or last.started_at > clock.now():
            return opened + first
        if last.outcome is TaskOutcome.INTERRUPTED and last.started_at <= opened:
            return opened
        return last.started_at + interval

    return next_run


def parse_task_name(name: str) -> TaskName:
    """Return the task of a name.

    Raises:
        TaskNotFoundError: If there is none.
    """
    try:
        return TaskName(name)
    except ValueError as error:
        raise TaskNotFoundError(name, runnable=sorted(TaskName)) from error
