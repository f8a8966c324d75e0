"""Run a task under its lease, and store its start and its end."""

import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import anyio
import attrs

from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.automation import TASK_LEASE, TaskName, TaskOutcome, TaskRun
from aniworld_core.errors import AniworldError, StorageUnavailableError, TaskRunningError
from aniworld_core.events import TaskChanged
from aniworld_core.messages import Message, kind_of
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.tasks import TaskRepository

logger: Final = logging.getLogger(__name__)

#: Prefix of the holders of servers. Only one server uses a data folder at a time.
SERVER: Final = "server-"
#: Results that a task returns instead of raising an error.
_OUTCOMES: Final[Mapping[str | None, TaskOutcome]] = {
    "scan_failed": TaskOutcome.FAILED,
    "scan_interrupted": TaskOutcome.INTERRUPTED,
}


@attrs.define(eq=False, kw_only=True)
class TaskRuns:
    """Performs runs of tasks, one of each at a time among all processes.

    Args:
        tasks: Stores the runs and gives the leases.
        bus: Where starts and ends are published.
        clock: The time.
        outage: Records that a run cannot be stored.
    """

    _tasks: TaskRepository
    _bus: ProgressBus
    _clock: Clock
    outage: StorageOutage
    _holder: str = attrs.field(factory=lambda: f"process-{uuid.uuid4().hex}", init=False)

    async def recover(self) -> None:
        """Act as the server of this data folder; runs of former servers were interrupted.

        Raises:
            StorageUnavailableError: If the runs cannot be read or written.
        """
        self._holder = f"{SERVER}{uuid.uuid4().hex}"
        for run in await self._tasks.find():
            if run.holder.startswith(SERVER):
                await self._tasks.end(
                    run.name,
                    run.holder,
                    outcome=TaskOutcome.INTERRUPTED,
                    at=None,
                    seconds=None,
                    result="",
                )

    async def find(self) -> Mapping[str, TaskRun]:
        """Return the runs by name; those of ended processes are interrupted.

        Raises:
            StorageUnavailableError: If they cannot be read.
        """
        now = self._clock.now()
        return {run.name: run.seen_at(now) for run in await self._tasks.find()}

    async def begin(self, name: TaskName, *, is_free: bool = False) -> TaskRun:
        """Take the lease of a task; `finish` must follow.

        Args:
            name: The task.
            is_free: Another lease excludes other runs already.

        Raises:
            TaskRunningError: If the task is running, in this process or another.
            StorageUnavailableError: If the run cannot be stored.
        """
        run = await self._tasks.begin(name, self._holder, now=self._clock.now(), is_free=is_free)
        if run is None:
            raise TaskRunningError(name)
        await self._publish(name, is_running=True)
        return run

    async def finish(
        self, run: TaskRun, work: Callable[[], Awaitable[str]]
    ) -> AniworldError | None:
        """Do the work of a run that `begin` has started, and store how it ended.

        Returns:
            The error of the work, which is also logged; `None` if there was none.
        """
        name, started = TaskName(run.name), anyio.current_time()
        outcome, result = TaskOutcome.INTERRUPTED, ""
        failure: AniworldError | None = None
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._hold_on, run)
                try:
                    result = await work()
                    outcome = _OUTCOMES.get(kind_of(result), TaskOutcome.COMPLETED)
                except AniworldError as error:
                    failure = error
                    outcome, result = TaskOutcome.FAILED, error.message
                except Exception as error:
                    # As in the worker: a bug in one adapter must not end the other tasks.
                    logger.exception("the task %s failed unexpectedly", name)
                    outcome = TaskOutcome.FAILED
                    result = Message("unexpected", error=repr(error))
                tasks.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await self._end(run, outcome, anyio.current_time() - started, result)
        if failure is not None and not isinstance(failure, StorageUnavailableError):
            logger.warning("the task %s failed: %s", name, failure)
        return failure

    async def _end(self, run: TaskRun, outcome: TaskOutcome, seconds: float, result: str) -> None:
        # The holder of the run, because `recover` may have changed that of this process since.
        try:
            await self._tasks.end(
                run.name,
                run.holder,
                outcome=outcome,
                at=self._clock.now(),
                seconds=round(seconds, 3),
                result=result,
            )
        except StorageUnavailableError as error:
            self.outage.failed(run.name, error)  # the lease expires
        else:
            self.outage.recovered(run.name)
        await self._publish(TaskName(run.name), is_running=False)

    async def _hold_on(self, run: TaskRun) -> None:
        """Renew the lease while the task runs."""
        while True:
            await anyio.sleep(TASK_LEASE.total_seconds() / 4)
            try:
                await self._tasks.renew(run.name, run.holder, until=self._clock.now() + TASK_LEASE)
            except StorageUnavailableError as error:
                self.outage.failed(run.name, error)
            else:
                self.outage.recovered(run.name)

    async def _publish(self, name: TaskName, *, is_running: bool) -> None:
        await self._bus.publish(TaskChanged(name=name, is_running=is_running, at=self._clock.now()))
