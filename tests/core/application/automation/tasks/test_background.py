"""Background tasks: their times, runs on request, results, and interruptions."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import anyio
import attrs
import pytest

from aniworld_core.application.automation import BackgroundTasks, PeriodicTask, TaskRuns, every
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.automation import TASK_LEASE, TaskKind, TaskName, TaskOutcome, TaskRun
from aniworld_core.errors import (
    LibraryUnavailableError,
    StorageUnavailableError,
    TaskNotFoundError,
    TaskRunningError,
)
from aniworld_core.events import TaskChanged
from aniworld_core.messages import Message, kind_of
from aniworld_core.testing.fakes import FakeClock, RecordingBus
from aniworld_core.testing.memory import MemoryTaskRepository
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
NAME = TaskName.RECYCLE_BIN
DONE = Message("task_deleted", count=3)


class _StillClock(FakeClock):
    """Clock whose sleeps end when the test sets the time."""

    async def sleep(self, delay: timedelta) -> None:
        until = self.time + delay
        while self.time < until:
            await anyio.sleep(0.001)


@attrs.define(eq=False)
class _Desk:
    """One process with one task."""

    storage: MemoryTaskRepository = attrs.field(factory=MemoryTaskRepository)
    clock: FakeClock = attrs.field(factory=_StillClock)
    bus: RecordingBus = attrs.field(factory=RecordingBus)
    work: Callable[[], Awaitable[str]] = attrs.field()
    done: list[datetime] = attrs.field(factory=list)
    tasks: BackgroundTasks = attrs.field(init=False)

    @work.default
    def _count(self) -> Callable[[], Awaitable[str]]:
        async def work() -> str:
            self.done.append(self.clock.now())
            return DONE

        return work

    @tasks.default
    def _registry(self) -> BackgroundTasks:
        outage = StorageOutage()
        task = PeriodicTask(name=NAME, work=self.work, next_run=every(HOUR, self.clock))
        runs = TaskRuns(tasks=self.storage, bus=self.bus, clock=self.clock, outage=outage)
        return BackgroundTasks(runs=runs, clock=self.clock, outage=outage, periodic={NAME: task})

    async def until(self, is_met: Callable[[], bool]) -> None:
        with anyio.fail_after(PATIENCE):
            while not is_met():
                await anyio.sleep(0.001)


async def test_every_task_is_listed_before_it_ran() -> None:
    """A process lists also tasks that it does not run; only its own periodic ones can be run."""
    views = {view.name: view for view in await _Desk().tasks.views()}

    assert list(views) == [name.value for name in TaskName]
    assert [name for name, view in views.items() if view.can_run] == [NAME]
    assert {view.started_at for view in views.values()} == {None}


async def test_a_task_runs_at_its_interval_and_its_result_is_stored() -> None:
    """It runs at the start, then every hour; the view has result, duration and the next run."""
    desk = _Desk()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(desk.tasks.keep, NAME)
        await desk.until(lambda: len(desk.done) == 1)
        desk.clock.advance(HOUR - timedelta(seconds=1))
        await anyio.wait_all_tasks_blocked()
        assert len(desk.done) == 1
        desk.clock.advance(timedelta(seconds=1))
        await desk.until(lambda: len(desk.done) == 2)
        await desk.until(lambda: len(desk.bus.of(TaskChanged)) == 4)
        tasks.cancel_scope.cancel()

    view = await desk.tasks.view(NAME)
    assert (view.outcome, view.result, view.result_kind) == ("completed", DONE, "task_deleted")
    assert view.seconds is not None
    assert view.next_run == "2026-01-01T14:00:00.000Z"
    changes = [event for event in desk.bus.events if isinstance(event, TaskChanged)]
    assert [each.is_running for each in changes] == [True, False, True, False]


async def test_a_broken_schedule_does_not_end_the_other_tasks() -> None:
    """A task whose time cannot be computed is listed and looked at again later; the others run."""
    desk = _Desk()

    async def broken(_last: TaskRun | None) -> datetime | None:
        raise ZeroDivisionError

    desk.tasks.add(PeriodicTask(name=TaskName.STATISTICS, work=desk.work, next_run=broken))
    views = {view.name: view for view in await desk.tasks.views()}
    assert (views[TaskName.STATISTICS].next_run, views[TaskName.STATISTICS].can_run) == (None, True)
    assert views[NAME].next_run is not None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(desk.tasks.accept)
        tasks.start_soon(desk.tasks.serve)
        await desk.until(lambda: len(desk.done) == 1)
        desk.clock.advance(HOUR)
        await desk.until(lambda: len(desk.done) == 2)
        tasks.cancel_scope.cancel()

    assert (await desk.tasks.view(NAME)).outcome == "completed"
    assert len(desk.done) == 2  # none of them by the broken task


async def test_the_last_run_survives_a_restart() -> None:
    """The next process continues the interval of the former one."""
    desk = _Desk()
    await desk.tasks.perform(NAME)
    desk.clock.advance(HOUR / 2)

    again = _Desk(storage=desk.storage, clock=desk.clock)

    view = await again.tasks.view(NAME)
    assert (view.result, view.next_run) == (DONE, "2026-01-01T13:00:00.000Z")


@pytest.mark.parametrize("days", [-400, 400], ids=["set back", "set forward"])
async def test_a_jump_of_the_clock_does_not_stop_a_task(days: int) -> None:
    """After a last run in the future, or long ago, the task is due now."""
    desk = _Desk()
    await desk.tasks.perform(NAME)

    desk.clock.time += timedelta(days=days)
    again = _Desk(storage=desk.storage, clock=desk.clock)

    view = await again.tasks.view(NAME)
    assert view.next_run == f"{desk.clock.now():%Y-%m-%dT%H:%M:%S.000Z}"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (LibraryUnavailableError("/srv", "it is gone"), "library_unavailable"),
        (StorageUnavailableError("the disk is full"), "storage_unavailable"),
        (RuntimeError("bug"), "unexpected"),
    ],
    ids=["error", "database", "bug"],
)
async def test_a_failed_run_is_stored_with_its_reason(error: Exception, kind: str) -> None:
    """The task fails, and its registry goes on."""

    async def work() -> str:
        raise error

    desk = _Desk(work=work)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(desk.tasks.keep, NAME)
        await desk.until(lambda: len(desk.bus.of(TaskChanged)) == 2)
        tasks.cancel_scope.cancel()

    (run,) = await desk.storage.find()
    assert (run.outcome, kind_of(run.result)) == (TaskOutcome.FAILED, kind)


async def test_two_tabs_start_a_task_once() -> None:
    """The second request is refused while the task runs, also in another process."""
    release = anyio.Event()
    desk = _Desk()

    async def work() -> str:
        desk.done.append(desk.clock.now())
        if len(desk.done) > 1:
            await release.wait()
        return DONE

    desk = _Desk(work=work)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(desk.tasks.accept)
        tasks.start_soon(desk.tasks.serve)
        await desk.until(lambda: len(desk.bus.of(TaskChanged)) == 2)

        assert (await desk.tasks.start(NAME)).is_running
        with pytest.raises(TaskRunningError):
            await desk.tasks.start(NAME)
        other = _Desk(storage=desk.storage, clock=desk.clock)
        with pytest.raises(TaskRunningError):
            await other.tasks.perform(NAME)
        assert not (await other.tasks.view(NAME)).can_run

        release.set()
        await desk.until(lambda: len(desk.bus.of(TaskChanged)) == 4)
        assert (await desk.tasks.view(NAME)).can_run
        tasks.cancel_scope.cancel()


async def test_a_stopped_server_interrupts_its_runs() -> None:
    """A run that is cancelled is stored as interrupted, and is due at the next start."""
    desk = _Desk(work=_forever)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(desk.tasks.accept)
        tasks.start_soon(desk.tasks.serve)
        await desk.until(lambda: len(desk.bus.of(TaskChanged)) == 1)
        tasks.cancel_scope.cancel()

    desk.clock.advance(timedelta(minutes=1))
    view = await _Desk(storage=desk.storage, clock=desk.clock).tasks.view(NAME)
    assert (view.is_running, view.outcome) == (False, "interrupted")
    assert view.next_run == "2026-01-01T12:01:00.000Z"


async def test_a_killed_server_is_noticed_by_the_next_one() -> None:
    """The next server does not wait for the lease; other processes do."""
    desk = _Desk()
    outage = StorageOutage()
    runs = TaskRuns(tasks=desk.storage, bus=desk.bus, clock=desk.clock, outage=outage)
    await runs.recover()
    await runs.begin(NAME)  # and the process is killed

    assert (await desk.tasks.view(NAME)).is_running
    again = _Desk(storage=desk.storage, clock=desk.clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(again.tasks.serve)
        await again.until(lambda: len(again.done) == 1)
        tasks.cancel_scope.cancel()

    await runs.begin(NAME, is_free=True)
    desk.clock.advance(TASK_LEASE)
    assert (await desk.tasks.view(NAME)).outcome == "interrupted"


async def test_a_run_that_was_requested_during_the_start_ends() -> None:
    """A server that takes over former runs still ends a run that it began just before."""
    desk = _Desk()
    outage = StorageOutage()
    runs = TaskRuns(tasks=desk.storage, bus=desk.bus, clock=desk.clock, outage=outage)

    async def work() -> str:
        return "done"

    run = await runs.begin(NAME)
    await runs.recover()
    await runs.finish(run, work)

    view = await desk.tasks.view(NAME)
    assert (view.is_running, view.outcome) == (False, "completed")


async def test_tasks_that_follow_the_server_cannot_be_started() -> None:
    """While one runs, it says so; its end with an error is shown and ends nothing else."""
    desk = _Desk()
    name = TaskName.NOTIFICATIONS

    async def broken() -> None:
        raise RuntimeError("bug")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(desk.tasks.accept)
        tasks.start_soon(desk.tasks.serve)
        await desk.until(lambda: len(desk.done) == 1)
        async with anyio.create_task_group() as inner:
            inner.start_soon(desk.tasks.follow, name, anyio.sleep_forever)
            await anyio.wait_all_tasks_blocked()
            assert (await desk.tasks.view(name)).is_running
            with pytest.raises(TaskRunningError):
                await desk.tasks.start(name)
            inner.cancel_scope.cancel()
        await desk.tasks.follow(name, broken)
        view = await desk.tasks.view(name)
        assert (view.is_running, view.outcome, view.can_run) == (False, "failed", False)
        assert "bug" in (view.result or "")
        for wrong in (name, "no-such-task"):
            with pytest.raises(TaskNotFoundError):
                await desk.tasks.start(wrong)
        tasks.cancel_scope.cancel()


def test_only_the_import_runs_once() -> None:
    """Every task has a kind."""
    kinds = {kind: [n for n in TaskName if n.kind is kind] for kind in TaskKind}
    assert kinds[TaskKind.STARTUP] == [TaskName.LEGACY_IMPORT]
    assert NAME in kinds[TaskKind.PERIODIC]
    assert TaskName.DOWNLOADS in kinds[TaskKind.CONTINUOUS]


async def _forever() -> str:
    await anyio.sleep_forever()
    return DONE
