"""Scheduled scans."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import attrs
import pytest

from aniworld_core.application.automation import LEASE, TICK, MissingEpisodes, RescanSchedule
from aniworld_core.application.library import LibraryScanner, ScanContext
from aniworld_core.domain.automation import ScheduleState
from aniworld_core.domain.configuration import SchedulerConfig
from aniworld_core.errors import (
    LibraryUnavailableError,
    ScanRunningError,
    StorageUnavailableError,
)
from aniworld_core.events import ScanCompleted, ScanStarted
from aniworld_core.ports.change_lock import ChangeLock
from aniworld_core.ports.clock import Clock
from aniworld_core.testing import MemoryScheduleRepository, at, make_series
from aniworld_core.testing.fakes import FakeLibrary, FakeLoader
from aniworld_core.testing.waiting import PATIENCE
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)


@attrs.define(eq=False)
class SteppedClock(Clock):
    """Clock whose sleeps end when the test advances the time."""

    time: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)
    _moved: anyio.Event = attrs.field(factory=anyio.Event, init=False)

    def now(self) -> datetime:
        """Return the time set by the test."""
        return self.time

    async def sleep(self, delay: timedelta) -> None:
        """Sleep until the time is reached or set back."""
        start = self.time
        while start <= self.time < start + delay:
            await self._moved.wait()

    async def pass_time(self, delay: timedelta) -> None:
        """Advance the time and wake the sleepers."""
        self.time += delay
        moved, self._moved = self._moved, anyio.Event()
        moved.set()
        await settle()


class FreeLock(ChangeLock):
    """Lock that nobody else holds."""

    def hold(self, wait: timedelta | None) -> AbstractAsyncContextManager[None]:
        """Grant it at once."""
        return nullcontext()


async def settle() -> None:
    """Let all tasks run until they wait."""
    for _ in range(200):
        await anyio.lowlevel.checkpoint()


class GatedLoader(FakeLoader):
    """A catalogue that answers when the test allows it."""

    gate: anyio.Event | None = None
    bug: Exception | None = None

    async def _ask(self, call: str) -> None:
        await super()._ask(call)
        if self.bug is not None:
            raise self.bug
        if self.gate is not None:
            await self.gate.wait()


class BrokenSchedule(MemoryScheduleRepository):
    """Schedule repository that fails on request."""

    is_broken = True

    async def get(self) -> ScheduleState:
        """Return the state, or raise an error."""
        if self.is_broken:
            raise StorageUnavailableError("locked")
        return await super().get()


@attrs.define(eq=False)
class World:
    """A schedule with its fakes."""

    stage: Stage
    clock: SteppedClock
    repository: MemoryScheduleRepository
    scanner: LibraryScanner
    library: FakeLibrary
    schedule: RescanSchedule = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.schedule = self.another()

    @property
    def scans(self) -> int:
        """Return the number of started scans."""
        return len(self.stage.bus.of(ScanStarted))

    def configure(self, **settings: Any) -> None:
        """Change the current configuration."""
        current = self.stage.app.current_config
        scheduler = attrs.evolve(current.value.scheduler, **settings)
        current.value = attrs.evolve(current.value, scheduler=scheduler)

    def another(self) -> RescanSchedule:
        """Return another schedule on the same storage, like another process."""
        return RescanSchedule(
            schedule=self.repository,
            scanner=self.scanner,
            runs=self.stage.app.task_runs,
            missing=MissingEpisodes(
                queue=self.stage.app.queue,
                series=self.stage.storage.series,
                upgrades=self.stage.app.upgrades,
            ),
            config=self.stage.app.current_config,
            clock=self.clock,
            zone=UTC,
        )


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_stage(tmp_path, loaders=[GatedLoader()]) as stage:
        library, clock = FakeLibrary(), SteppedClock()
        scanner = LibraryScanner(
            catalogue=stage.app.catalogue,
            context=ScanContext(
                series=stage.storage.series,
                files=stage.storage.files,
                library=library,
                config=stage.app.current_config,
                clock=clock,
            ),
            bus=stage.bus,
            lock=FreeLock(),
        )
        with anyio.fail_after(PATIENCE):
            yield World(stage, clock, MemoryScheduleRepository(), scanner, library)


async def test_it_scans_at_once_and_then_at_intervals(world: World) -> None:
    """The first scan starts at once, later ones after the interval."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.schedule.run)
        await settle()
        assert world.scans == 1
        for minutes, scans in ((59, 1), (1, 2), (59, 2), (1, 3)):
            await world.clock.pass_time(minutes * MINUTE)
            assert world.scans == scans
        tasks.cancel_scope.cancel()


async def test_the_result_is_remembered(world: World) -> None:
    """Start, result and next time are stored."""
    assert (await world.schedule.status()).last_run is None
    result = await world.schedule.trigger()

    status = await world.schedule.status()

    assert result == status.last_result == "0 series, 0 files, 0 missing"
    assert (status.last_run, status.next_run) == (at(0), at(3600))
    assert (status.enabled, status.is_running) == (True, False)
    assert await world.another().status() == status


async def test_a_restart_does_not_scan_again(world: World) -> None:
    """After a restart the interval continues."""
    await world.schedule.trigger()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.another().run)
        await world.clock.pass_time(59 * MINUTE)
        assert world.scans == 1
        await world.clock.pass_time(MINUTE)
        assert world.scans == 2
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("years", [10, -10])
async def test_a_jump_of_the_clock_causes_one_scan(world: World, years: int) -> None:
    """After a clock jump in either direction one scan starts, then the interval applies."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.schedule.run)
        await settle()
        await world.clock.pass_time(timedelta(days=365 * years))
        await world.clock.pass_time(TICK)
        assert world.scans == 2
        await world.clock.pass_time(58 * MINUTE)
        assert world.scans == 2
        await world.clock.pass_time(2 * MINUTE)
        assert world.scans == 3
        tasks.cancel_scope.cancel()


async def test_a_changed_configuration_counts_at_once(world: World) -> None:
    """Enabling, disabling and a new interval apply without a restart."""
    world.configure(enabled=False)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.schedule.run)
        await world.clock.pass_time(300 * MINUTE)
        assert (world.scans, (await world.schedule.status()).next_run) == (0, None)
        world.configure(enabled=True)
        await world.clock.pass_time(TICK)
        assert world.scans == 1
        world.configure(interval_minutes=5)
        await world.clock.pass_time(5 * MINUTE)
        assert world.scans == 2
        tasks.cancel_scope.cancel()


async def test_times_of_day(world: World) -> None:
    """With times of day the first scan waits for the next time."""
    world.configure(times=("15:30",))
    assert (await world.schedule.status()).next_run == at(3.5 * 3600)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.schedule.run)
        await world.clock.pass_time(209 * MINUTE)
        assert world.scans == 0
        await world.clock.pass_time(timedelta(minutes=1, seconds=0.7))
        assert world.scans == 1
        await world.clock.pass_time(60 * MINUTE)
        assert world.scans == 1
        tasks.cancel_scope.cancel()


async def test_one_scan_at_a_time(world: World) -> None:
    """While a scan runs, neither this nor another process starts one."""
    gate = await _gated(world)
    async with anyio.create_task_group() as tasks:
        await tasks.start(world.schedule.trigger)
        await settle()
        assert (await world.schedule.status()).is_running
        for schedule in (world.schedule, world.another()):
            with pytest.raises(ScanRunningError):
                await schedule.trigger()
        tasks.start_soon(world.another().run)
        await world.clock.pass_time(300 * MINUTE)
        assert world.scans == 1
        gate.set()
        await settle()
        assert len(world.stage.bus.of(ScanCompleted)) == 1
        tasks.cancel_scope.cancel()


async def test_two_triggers_at_once(world: World) -> None:
    """Of two concurrent triggers one scans, the other gets an error."""
    outcomes: list[str] = []

    async def trigger() -> None:
        try:
            outcomes.append(await world.schedule.trigger())
        except ScanRunningError:
            outcomes.append("running")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(trigger)
        tasks.start_soon(trigger)

    assert sorted(outcomes) == ["0 series, 0 files, 0 missing", "running"]
    assert world.scans == 1


async def test_a_long_scan_keeps_its_right(world: World) -> None:
    """The lease is renewed during a long scan."""
    gate = await _gated(world)
    async with anyio.create_task_group() as tasks:
        await tasks.start(world.schedule.trigger)
        for _ in range(20):
            await world.clock.pass_time(LEASE / 4)
            assert not await world.repository.begin(
                "other", now=world.clock.now(), until=world.clock.now() + LEASE
            )
        gate.set()


async def test_a_scan_that_lost_its_right_ends(world: World) -> None:
    """A scan whose lease was taken by another process is cancelled."""
    await _gated(world)
    async with anyio.create_task_group() as tasks:
        await tasks.start(world.schedule.trigger)
        await settle()
        world.clock.time += LEASE
        now = world.clock.now()
        assert await world.repository.begin("other", now=now, until=now + LEASE)
        await world.clock.pass_time(TICK)
        assert world.scanner.running is None
    assert (await world.repository.get()).holder == "other"


async def test_cancelled_it_gives_the_right_back(world: World) -> None:
    """A cancelled scan releases the lease and is stored as interrupted."""
    await _gated(world)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.schedule.run)
        await settle()
        assert (await world.schedule.status()).is_running
        tasks.cancel_scope.cancel()
    status = await world.another().status()
    assert (status.is_running, status.last_result) == (False, "it was interrupted")


async def test_a_failed_scan_is_a_result(world: World) -> None:
    """A failed scan is stored with its reason, and the schedule continues."""
    world.library.error = LibraryUnavailableError("/library", "it is not there")
    assert (await world.schedule.trigger()).startswith("failed: the library")
    world.library.error = None
    assert not (await world.schedule.trigger()).startswith("failed")


async def test_a_bug_in_a_catalogue_costs_its_series_only(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug in a loader affects its series only; scan and schedule continue."""
    await _known_series(world)
    assert isinstance(world.stage.loader, GatedLoader)
    world.stage.loader.bug = KeyError("genre")
    assert (await world.schedule.trigger()).endswith("1 could not be refreshed")
    assert "Traceback" in caplog.text
    world.stage.loader.bug = None
    assert (await world.schedule.trigger()).endswith("2 missing")


async def test_an_unreachable_database_is_waited_for(world: World) -> None:
    """During a database outage the schedule waits, and scans afterwards."""
    repository = world.repository = BrokenSchedule()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.another().run)
        await world.clock.pass_time(TICK)
        assert world.scans == 0
        repository.is_broken = False
        await world.clock.pass_time(TICK)
        assert world.scans == 1
        tasks.cancel_scope.cancel()


async def test_missing_episodes_are_queued_if_wanted(world: World) -> None:
    """Missing episodes are queued if configured; the result has their number."""
    await _known_series(world)
    assert (await world.schedule.trigger()).endswith("2 missing")
    world.configure(queue_missing=True)
    assert (await world.schedule.trigger()).endswith("2 missing, 2 queued")
    assert len((await world.stage.app.queue.snapshot()).pending) == 2


def test_defaults() -> None:
    """By default a scan runs every hour."""
    assert SchedulerConfig().interval_minutes * MINUTE == timedelta(hours=1)


async def _known_series(world: World) -> None:
    series = make_series(provider="fake", episodes=2)
    world.stage.loader.series.append(series)
    await world.stage.storage.series.add(series)


async def _gated(world: World) -> anyio.Event:
    """Make scans wait for the event."""
    await _known_series(world)
    assert isinstance(world.stage.loader, GatedLoader)
    world.stage.loader.gate = anyio.Event()
    return world.stage.loader.gate


async def test_a_lease_that_cannot_be_taken_leaves_the_schedule_free(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the outage the same schedule scans again."""

    async def refuse(*_: object, **__: object) -> bool:
        raise StorageUnavailableError("it is locked by another program")

    with monkeypatch.context() as patch:
        patch.setattr(type(world.repository), "begin", refuse)
        with pytest.raises(StorageUnavailableError):
            await world.schedule.trigger()

    await world.schedule.trigger()

    assert world.scans == 1


async def test_an_outage_is_over_after_the_next_check_that_works(world: World) -> None:
    """The schedule reports the outage and its end, and scans afterwards."""
    repository = BrokenSchedule()
    world.repository = repository
    schedule = world.another()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(schedule.run)
        await settle()
        seen = [schedule._runs.outage.is_over]
        repository.is_broken = False
        await world.clock.pass_time(TICK)
        seen.append(schedule._runs.outage.is_over)
        tasks.cancel_scope.cancel()
    assert seen == [False, True]
    assert world.scans == 1
