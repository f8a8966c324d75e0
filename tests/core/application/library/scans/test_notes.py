"""Notes of scans for other processes: when they are stored, also after an interruption."""

from datetime import timedelta
from typing import Any

import anyio
import attrs
import pytest

from aniworld_core.application.library.scans.notes import ScanNotes
from aniworld_core.application.library.scans.state import ScanReport, ScanState, ScanStatus
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.shared_state import SCAN_NOTE_LIFETIME, ScanNote
from aniworld_core.errors import AniworldError, StorageUnavailableError
from aniworld_core.testing import MemorySharedStateRepository, at, make_failure
from aniworld_core.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio

RUNNING = ScanState(status=ScanStatus.RUNNING, scan_id="s", started_at=at(0))
MICROSECOND = timedelta(microseconds=1)


@attrs.define(eq=False)
class _Shared(MemorySharedStateRepository):
    """Records the notes, and fails as long as it is unavailable."""

    notes: list[ScanNote] = attrs.field(factory=list)
    is_available: bool = True

    async def note_scan(self, note: ScanNote) -> None:
        if not self.is_available:
            raise StorageUnavailableError("it is locked")
        await super().note_scan(note)
        self.notes.append(note)


@attrs.define(eq=False)
class _Outage(StorageOutage):
    """Records the calls."""

    calls: list[str] = attrs.field(factory=list)

    def failed(self, component: str, error: AniworldError) -> None:
        self.calls.append("failed")

    def recovered(self, component: str) -> None:
        self.calls.append("recovered")


@attrs.define(eq=False)
class _Desk:
    shared: _Shared = attrs.field(factory=_Shared)
    clock: FakeClock = attrs.field(factory=FakeClock)
    outage: _Outage = attrs.field(factory=_Outage)
    state: ScanState = RUNNING

    def open(self) -> ScanNotes:
        return ScanNotes(shared=self.shared, clock=self.clock, outage=self.outage, process="p")


async def test_a_cancelled_scan_leaves_its_result() -> None:
    """The note is stored although the task was cancelled; others would wait for its end."""
    desk = _Desk()
    with anyio.CancelScope() as scope:
        async with desk.open().following(lambda: desk.state):
            await anyio.wait_all_tasks_blocked()
            desk.state = attrs.evolve(RUNNING, status=ScanStatus.CANCELLED)
            scope.cancel()
            await anyio.sleep_forever()
    assert [note.status for note in desk.shared.notes] == ["running", "cancelled"]


async def test_errors_of_the_scan_are_raised_as_they_are() -> None:
    """Not in a group, and after the last note."""
    desk = _Desk()

    async def scan() -> None:
        async with desk.open().following(lambda: desk.state):
            desk.state = attrs.evolve(RUNNING, status=ScanStatus.FAILED, failure=make_failure())
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        await scan()
    assert desk.shared.notes[-1].failure == make_failure()


async def test_the_note_holds_the_report() -> None:
    """Numbers of series, files and missing episodes; before the report they are 0."""
    desk = _Desk()
    report = ScanReport(
        scan_id="s",
        series=2,
        files=3,
        missing=4,
        extra=(),
        unreadable={},
        failures={},
        duration_seconds=1.0,
    )
    async with desk.open().following(lambda: desk.state):
        await anyio.wait_all_tasks_blocked()
        desk.state = attrs.evolve(RUNNING, status=ScanStatus.COMPLETED, report=report, done=2)
    first, last = desk.shared.notes
    assert (first.series, first.files, first.missing, first.done) == (0, 0, 0, 0)
    assert (last.series, last.files, last.missing, last.done) == (2, 3, 4, 2)
    assert (last.process, last.started_at, last.noted_at) == ("p", at(0), desk.clock.now())


@pytest.mark.parametrize(
    "state", [ScanState(), attrs.evolve(RUNNING, scan_id=None), ScanState(scan_id="s")]
)
async def test_no_scan_leaves_no_note(state: ScanState) -> None:
    """There is nothing to tell before the first one has begun."""
    desk = _Desk(state=state)
    async with desk.open().following(lambda: desk.state):
        await anyio.wait_all_tasks_blocked()
    assert desk.shared.notes == []


@pytest.mark.parametrize(
    ("seconds", "changes", "count"),
    [
        (SCAN_NOTE_LIFETIME / 3 - MICROSECOND, {}, 1),
        (SCAN_NOTE_LIFETIME / 3, {}, 2),
        (timedelta(0), {"done": 1}, 2),
    ],
)
async def test_a_note_is_stored_for_a_change_or_to_show_that_the_scan_runs(
    seconds: timedelta, changes: dict[str, Any], count: int
) -> None:
    """An unchanged note is renewed three times in its lifetime, not at each step."""
    desk = _Desk()
    notes = desk.open()
    async with notes.following(lambda: desk.state):
        await anyio.wait_all_tasks_blocked()
        desk.clock.advance(seconds)
        desk.state = attrs.evolve(RUNNING, **changes)
    assert len(desk.shared.notes) == count


async def test_an_outage_ends_no_scan() -> None:
    """The note is stored at the next chance, and the recovery is reported."""
    desk = _Desk(shared=_Shared(is_available=False))
    async with desk.open().following(lambda: desk.state):
        await anyio.wait_all_tasks_blocked()
        assert desk.outage.calls == ["failed"]
        desk.shared.is_available = True
    assert desk.outage.calls == ["failed", "recovered"]
    assert len(desk.shared.notes) == 1
