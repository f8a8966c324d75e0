"""The background inspection of files: batches, rests, events, and failures that it survives."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import anyio
import attrs
import pytest

from aniworld_core.application.automation import FileInspection, TaskRuns
from aniworld_core.application.library import FileContents
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.library import FileState, LibraryFile
from aniworld_core.errors import (
    AniworldError,
    LibraryNotSetError,
    LibraryUnavailableError,
    StorageUnavailableError,
    SubscriberLaggedError,
)
from aniworld_core.events import DownloadCompleted, ScanCompleted
from aniworld_core.testing import MemoryStorage, at, make_item
from aniworld_core.testing.fakes import FakeClock, RecordingBus
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio

COMPLETED = DownloadCompleted(item=make_item(1), folder="Alpha", at=at(1))  # type: ignore[arg-type]


def _files(*paths: str) -> list[LibraryFile]:
    return [
        LibraryFile(path=path, size=1, modified_ns=1, state=FileState.PRESENT) for path in paths
    ]


@attrs.define(eq=False)
class _Contents:
    """Batches of files; records what is asked of them.

    Attributes:
        batches: Results of `pending`; an error is raised, and no batch ends a pass.
        failure: Raised by the next inspection.
    """

    batches: list[Sequence[LibraryFile] | AniworldError]
    failure: AniworldError | None = None
    asked: list[str] = attrs.field(factory=list)
    inspected: list[str] = attrs.field(factory=list)

    async def pending(self, after: str) -> Sequence[LibraryFile]:
        """Return the next batch."""
        self.asked.append(after)
        batch = self.batches.pop(0) if self.batches else ()
        if isinstance(batch, AniworldError):
            raise batch
        return batch

    async def inspect_batch(self, files: Sequence[LibraryFile]) -> None:
        """Record the files."""
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure
        self.inspected += [file.path for file in files]


@attrs.define(eq=False)
class _RestingClock(FakeClock):
    """A clock on which the five minutes between two passes never end."""

    async def sleep(self, delay: timedelta) -> None:
        """Record the delay; wait forever in the timer of the passes."""
        if delay >= timedelta(minutes=1):
            self.slept.append(delay)
            await anyio.sleep_forever()
        await super().sleep(delay)


@attrs.define(eq=False)
class _Inspected:
    contents: _Contents
    bus: RecordingBus
    clock: FakeClock
    outage: StorageOutage
    inspection: FileInspection

    async def until(self, is_met: Callable[[], bool]) -> None:
        with anyio.fail_after(PATIENCE):
            while not is_met():
                await anyio.sleep(0.01)
        await anyio.wait_all_tasks_blocked()


def _inspection(
    contents: _Contents, bus: RecordingBus, clock: FakeClock, outage: StorageOutage
) -> FileInspection:
    runs = TaskRuns(tasks=MemoryStorage().tasks, bus=bus, clock=clock, outage=outage)
    return FileInspection(
        contents=cast("FileContents", contents), runs=runs, bus=bus, clock=clock, outage=outage
    )


@asynccontextmanager
async def _running(
    *batches: Sequence[LibraryFile] | AniworldError,
    failure: AniworldError | None = None,
    clock: FakeClock | None = None,
) -> AsyncIterator[_Inspected]:
    contents, bus = _Contents(list(batches), failure), RecordingBus()
    clock, outage = clock or _RestingClock(), StorageOutage()
    inspection = _inspection(contents, bus, clock, outage)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(inspection.run)
        await anyio.wait_all_tasks_blocked()
        yield _Inspected(contents, bus, clock, outage, inspection)
        tasks.cancel_scope.cancel()


async def test_all_batches_are_inspected_with_rests() -> None:
    """Each batch follows the last file of the one before, and is followed by a rest."""
    async with _running(_files("a", "b"), _files("c")) as running:
        await running.until(lambda: len(running.contents.asked) == 3)
        assert running.contents.asked == ["", "b", "c"]
        assert running.contents.inspected == ["a", "b", "c"]
        rests = [delay for delay in running.clock.slept if delay < timedelta(minutes=1)]
        assert rests == [timedelta(seconds=0.2)] * 2


async def test_the_rest_is_three_times_as_long_as_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So the disk is busy at most a quarter of the time."""
    times = iter([100.0, 104.0])
    monkeypatch.setattr(anyio, "current_time", lambda: next(times))
    contents, clock = _Contents([_files("a")]), _RestingClock()
    inspection = _inspection(contents, RecordingBus(), clock, StorageOutage())
    await inspection.inspect()
    assert clock.slept == [timedelta(seconds=12)]


@pytest.mark.parametrize(
    "event",
    [COMPLETED, ScanCompleted(scan_id="s", series=1, files=1, missing=0, at=at(1))],
    ids=["download", "scan"],
)
async def test_an_event_starts_the_next_pass(event: Any) -> None:
    """Downloads and scans are followed by a pass from the first file; without one it waits."""
    async with _running() as running:
        assert running.contents.asked == [""]
        running.contents.batches = [_files("a"), []]
        await running.bus.publish(event)
        await running.until(lambda: len(running.contents.asked) == 3)
        assert running.contents.asked == ["", "", "a"]
        await running.bus.publish(event)
        await running.until(lambda: len(running.contents.asked) == 4)


async def test_missed_events_start_a_pass_and_more_are_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A subscriber that lagged behind looks for files, and keeps its subscription."""
    steps: list[Any] = [SubscriberLaggedError(3), COMPLETED]
    released = [anyio.Event(), anyio.Event()]

    class Stream:
        async def __anext__(self) -> Any:
            if not steps:
                raise StopAsyncIteration
            await released[2 - len(steps)].wait()
            step = steps.pop(0)
            if isinstance(step, Exception):
                raise step
            return step

    @asynccontextmanager
    async def subscribe(*_: object, **__: object) -> AsyncIterator[Stream]:
        yield Stream()

    monkeypatch.setattr(RecordingBus, "subscribe", subscribe)
    async with _running() as running:
        for number, event in enumerate(released, 2):
            event.set()
            await running.until(lambda number=number: len(running.contents.asked) == number)  # type: ignore[misc]
        running.inspection.wake()
        await running.until(lambda: len(running.contents.asked) == 4)
        assert running.contents.asked == [""] * 4


async def test_a_pass_starts_every_five_minutes() -> None:
    """Another process may have scanned without an event in this one."""

    class Clock(FakeClock):
        async def sleep(self, delay: timedelta) -> None:
            await super().sleep(delay)
            if len(self.slept) > 2:
                await anyio.sleep_forever()

    async with _running(clock=Clock()) as running:
        await running.until(lambda: len(running.clock.slept) == 3)
        assert running.clock.slept == [timedelta(minutes=5)] * 3
        assert running.contents.asked[:2] == ["", ""]


@pytest.mark.parametrize("is_listing", [True, False])
async def test_a_database_outage_ends_the_pass_until_the_next_one(
    caplog: pytest.LogCaptureFixture, is_listing: bool
) -> None:
    """The outage is reported once, and its end when a batch is inspected again."""
    error = StorageUnavailableError("locked")
    batches = [error] if is_listing else [_files("a")]
    caplog.set_level(logging.DEBUG)
    async with _running(*batches, failure=None if is_listing else error) as running:
        assert not running.outage.is_over
        assert "the inspection of files waits" in caplog.text
        assert running.contents.inspected == []
        running.contents.batches = [_files("a")]
        running.inspection.wake()
        await running.until(lambda: running.contents.inspected == ["a"])
        assert running.outage.is_over


@pytest.mark.parametrize("is_listing", [True, False])
async def test_an_unreadable_library_ends_the_pass_with_a_warning(
    caplog: pytest.LogCaptureFixture, is_listing: bool
) -> None:
    """The next pass tries again; it is no outage of the database."""
    error = LibraryUnavailableError("/media", "gone")
    batches = [error] if is_listing else [_files("a")]
    async with _running(*batches, failure=None if is_listing else error) as running:
        assert "cannot be used: gone" in caplog.text
        assert running.outage.is_over
        assert len(running.contents.asked) == 1
        running.contents.batches = [_files("b")]
        running.inspection.wake()
        await running.until(lambda: running.contents.inspected == ["b"])


async def test_without_a_library_nothing_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing can be inspected before a folder is set."""
    caplog.set_level(logging.DEBUG)
    async with _running(LibraryNotSetError(), _files("a")) as running:
        assert len(running.contents.asked) == 1
        assert running.contents.inspected == []
        assert running.outage.is_over
        assert not [r for r in caplog.records if r.name.startswith("aniworld")]
        running.inspection.wake()
        await running.until(lambda: running.contents.inspected == ["a"])
