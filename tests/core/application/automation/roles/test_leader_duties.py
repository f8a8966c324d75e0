"""Scheduled work is done only by the process that leads."""

from collections.abc import Awaitable, Callable

import anyio
import attrs
import pytest

from aniworld_core.application.automation import BackgroundTasks, LeaderDuties, Membership, TaskRuns
from aniworld_core.application.automation.roles import leader_duties
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.automation import TaskName
from aniworld_core.domain.identity import WorkerId
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.ports.nodes import Leadership
from aniworld_core.testing.fakes import FakeClock, RecordingBus
from aniworld_core.testing.memory.tasks import MemoryTaskRepository
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio


@attrs.define
class GivenLeadership(Leadership):
    """Gives the lead when the test says so, and takes it away."""

    is_given: anyio.Event = attrs.field(factory=anyio.Event)
    is_taken: anyio.Event = attrs.field(factory=anyio.Event)
    is_down: bool = False

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run the work between the two events."""
        if self.is_down:
            self.is_down = False
            raise StorageUnavailableError("it is away")
        await self.is_given.wait()

        async def do() -> None:
            await work()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(do)
            await self.is_taken.wait()
            tasks.cancel_scope.cancel()
        await anyio.sleep_forever()


@attrs.define
class _Loop:
    """A continuous task that reports its start and its end."""

    started: anyio.Event = attrs.field(factory=anyio.Event)
    ended: anyio.Event = attrs.field(factory=anyio.Event)

    async def run(self) -> None:
        self.started.set()
        try:
            await anyio.sleep_forever()
        finally:
            self.ended.set()


def _duties(leadership: Leadership, loop: _Loop) -> tuple[LeaderDuties, Membership]:
    outage, clock = StorageOutage(), FakeClock()
    member = Membership(
        registry=None, id=WorkerId("a"), host="a", version="1", clock=clock, outage=outage
    )
    runs = TaskRuns(tasks=MemoryTaskRepository(), bus=RecordingBus(), clock=clock, outage=outage)
    duties = LeaderDuties(
        leadership=leadership,
        membership=member,
        tasks=BackgroundTasks(runs=runs, clock=clock, outage=outage, periodic={}),
        loops=lambda: {TaskName.SIDECARS: loop.run},
        outage=outage,
    )
    return duties, member


async def test_work_begins_with_the_lead_and_ends_with_it() -> None:
    """Nothing runs before; everything is cancelled when the lead is lost."""
    leadership, loop = GivenLeadership(), _Loop()
    duties, member = _duties(leadership, loop)
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(duties.run)
            await anyio.wait_all_tasks_blocked()
            assert [loop.started.is_set(), member.is_leader] == [False, False]
            leadership.is_given.set()
            await loop.started.wait()
            leads = [member.is_leader]
            leadership.is_taken.set()
            await loop.ended.wait()
            while member.is_leader:
                await anyio.sleep(0.001)
            leads.append(member.is_leader)
            tasks.cancel_scope.cancel()
    assert leads == [True, False]


async def test_an_outage_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is away when the process asks for the lead does not end the process."""
    monkeypatch.setattr(leader_duties, "_RETRY_SECONDS", 0)
    leadership, loop = GivenLeadership(is_down=True), _Loop()
    leadership.is_given.set()
    duties, _ = _duties(leadership, loop)
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(duties.run)
            await loop.started.wait()
            tasks.cancel_scope.cancel()
