"""Scans on request in the background."""

from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from aniworld_core.application.automation.scan_runner import _state_of
from aniworld_core.application.library import ScanStatus
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.shared_state import SCAN_NOTE_LIFETIME, ScanNote
from aniworld_core.errors import LibraryNotSetError, ScanRunningError
from aniworld_core.events import ScanCompleted, ScanFailed
from aniworld_core.testing.factories import at, make_series
from aniworld_core.testing.fakes import FakeLoader
from aniworld_core.testing.waiting import PATIENCE
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio


class _Gated(FakeLoader):
    """Catalogue that answers on request."""

    def hold(self) -> None:
        """Make all requests wait."""
        self.gate, self.asked = anyio.Event(), anyio.Event()

    async def get_series(self, key: SeriesKey, ref: str = "") -> Series:
        """Wait, then answer."""
        gate: anyio.Event | None = getattr(self, "gate", None)
        if gate is not None:
            self.asked.set()
            await gate.wait()
        return await super().get_series(key, ref)


def _loader() -> _Gated:
    link = "https://fake.invalid/a"
    return _Gated(series=[make_series("a", provider="fake", site="fake.invalid", link=link)])


def _status(stage: Stage) -> ScanStatus:
    return stage.app.scans.state.status


async def _ended(stage: Stage) -> None:
    with anyio.fail_after(PATIENCE):
        while _status(stage) is ScanStatus.RUNNING:
            # A plain checkpoint would keep the interpreter lock from the thread that reads folders.
            await anyio.sleep(0.001)


async def test_a_scan_is_carried_out_beside_its_caller(tmp_path: Path) -> None:
    """The state is available from the request on, the report at the end."""
    async with open_stage(tmp_path) as stage, anyio.create_task_group() as tasks:
        scans = stage.app.scans
        assert _status(stage) is ScanStatus.IDLE
        tasks.start_soon(scans.run)
        first = await scans.start()
        assert (_status(stage), scans.state.scan_id) == (ScanStatus.RUNNING, first)
        await _ended(stage)
        assert (_status(stage), scans.state.scan_id) == (ScanStatus.COMPLETED, first)
        assert scans.state.report is not None
        second = await scans.start()
        await _ended(stage)
        assert scans.state.scan_id == second != first
        tasks.cancel_scope.cancel()
    told = [event for event in stage.bus.events if isinstance(event, ScanCompleted)]
    assert [event.scan_id for event in told] == [first, second]


async def test_never_two_at_once(tmp_path: Path) -> None:
    """A second request is refused while a scan waits or runs."""
    loader = _loader()
    async with open_stage(tmp_path, loaders=[loader]) as stage, anyio.create_task_group() as tasks:
        scans = stage.app.scans
        await stage.app.catalogue.add("https://fake.invalid/a")
        await scans.start()
        with pytest.raises(ScanRunningError):
            await scans.start()
        loader.hold()
        tasks.start_soon(scans.run)
        with anyio.fail_after(PATIENCE):
            await loader.asked.wait()
        with pytest.raises(ScanRunningError):
            await scans.start()
        loader.gate.set()
        await _ended(stage)
        loader.hold()
        tasks.start_soon(stage.app.scanner.scan)
        with anyio.fail_after(PATIENCE):
            await loader.asked.wait()
        with pytest.raises(ScanRunningError):
            await scans.start()
        tasks.cancel_scope.cancel()


async def test_a_request_waits_for_a_scan_of_changed_folders(tmp_path: Path) -> None:
    """One that begins after the request delays the requested scan and does not replace it."""
    loader = _loader()
    async with open_stage(tmp_path, loaders=[loader]) as stage, anyio.create_task_group() as tasks:
        scans = stage.app.scans
        await stage.app.catalogue.add("https://fake.invalid/a")
        requested = await scans.start()
        loader.hold()
        tasks.start_soon(stage.app.scanner.scan)
        with anyio.fail_after(PATIENCE):
            await loader.asked.wait()
        tasks.start_soon(scans.run)
        await anyio.wait_all_tasks_blocked()
        assert scans.state.scan_id == stage.app.scanner.running != requested
        loader.gate.set()
        await _ended(stage)
        assert (_status(stage), scans.state.scan_id) == (ScanStatus.COMPLETED, requested)
        assert len(stage.bus.of(ScanCompleted)) == 2
        with anyio.fail_after(PATIENCE):
            await scans.start()
        await _ended(stage)
        tasks.cancel_scope.cancel()


async def test_a_request_is_cancelled_while_changed_folders_are_scanned(tmp_path: Path) -> None:
    """The other scan goes on, and the requested one never begins."""
    loader = _loader()
    async with open_stage(tmp_path, loaders=[loader]) as stage, anyio.create_task_group() as tasks:
        scans = stage.app.scans
        await stage.app.catalogue.add("https://fake.invalid/a")
        await scans.start()
        loader.hold()
        tasks.start_soon(stage.app.scanner.scan)
        with anyio.fail_after(PATIENCE):
            await loader.asked.wait()
        tasks.start_soon(scans.run)
        await anyio.wait_all_tasks_blocked()
        assert await scans.cancel() is True
        loader.gate.set()
        await _ended(stage)
        assert len(stage.bus.of(ScanCompleted)) == 1
        tasks.cancel_scope.cancel()


async def test_a_scan_is_cancelled_before_it_began(tmp_path: Path) -> None:
    """A cancelled request never starts; the next one can start."""
    async with open_stage(tmp_path) as stage, anyio.create_task_group() as tasks:
        scans = stage.app.scans
        assert await scans.cancel() is False
        await scans.start()
        assert await scans.cancel() is True
        assert _status(stage) is ScanStatus.CANCELLED
        tasks.start_soon(scans.run)
        await anyio.wait_all_tasks_blocked()
        assert _status(stage) is ScanStatus.CANCELLED
        await scans.start()
        await _ended(stage)
        assert _status(stage) is ScanStatus.COMPLETED
        tasks.cancel_scope.cancel()


async def test_a_scan_under_way_is_cancelled(tmp_path: Path) -> None:
    """Cancelling returns when the scan has ended; the result is published and stored."""
    loader = _loader()
    async with open_stage(tmp_path, loaders=[loader]) as stage, anyio.create_task_group() as tasks:
        scans = stage.app.scans
        await stage.app.catalogue.add("https://fake.invalid/a")
        loader.hold()
        tasks.start_soon(scans.run)
        await scans.start()
        with anyio.fail_after(PATIENCE):
            await loader.asked.wait()
        assert await scans.cancel() is True
        assert _status(stage) is ScanStatus.CANCELLED
        assert stage.app.scanner.running is None
        assert (await stage.app.schedule.status()).last_result == "cancelled"
        (told,) = stage.bus.of(ScanFailed)
        assert isinstance(told, ScanFailed)
        assert told.failure.kind == "scan_cancelled"
        tasks.cancel_scope.cancel()


async def test_what_cannot_begin_is_refused_or_told(tmp_path: Path) -> None:
    """Without a library the request is refused; a missing folder is a failed scan."""
    (tmp_path / "one").mkdir()
    async with open_stage(tmp_path / "one", has_library=False) as stage:
        with pytest.raises(LibraryNotSetError):
            await stage.app.scans.start()
    async with open_stage(tmp_path) as stage, anyio.create_task_group() as tasks:
        stage.library.rmdir()
        tasks.start_soon(stage.app.scans.run)
        await stage.app.scans.start()
        await _ended(stage)
        state = stage.app.scans.state
        assert state.status is ScanStatus.FAILED
        assert state.failure is not None
        assert state.failure.kind == "library_unavailable"
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("accept_loss", [True, False])
async def test_a_requested_scan_accepts_a_loss_only_if_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, accept_loss: bool
) -> None:
    """`accept_loss` of the request is passed to the scanner."""
    async with open_stage(tmp_path) as stage, anyio.create_task_group() as tasks:
        scanner = stage.app.scanner
        real, given = type(scanner).scan, []

        async def scan(self: object, *arguments: object, **named: object) -> object:
            given.append(named.get("accept_loss", False))
            return await real(self, *arguments, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(type(scanner), "scan", scan)
        tasks.start_soon(stage.app.scans.run)
        await stage.app.scans.start(accept_loss=accept_loss)
        await _ended(stage)
        tasks.cancel_scope.cancel()
    assert given == [accept_loss]


@pytest.mark.parametrize(
    ("status", "age", "shown", "has_ended"),
    [
        ("running", timedelta(0), ScanStatus.RUNNING, False),
        ("running", SCAN_NOTE_LIFETIME, ScanStatus.FAILED, True),
        ("completed", timedelta(0), ScanStatus.COMPLETED, True),
        ("failed", SCAN_NOTE_LIFETIME, ScanStatus.FAILED, True),
        ("cancelled", timedelta(0), ScanStatus.CANCELLED, True),
    ],
)
def test_the_scan_of_another_process_is_shown_as_noted(
    status: str, age: timedelta, shown: ScanStatus, has_ended: bool
) -> None:
    """A running one whose note was not renewed has failed with its process."""
    note = ScanNote(
        process="other",
        scan_id="s",
        status=status,
        started_at=at(0),
        noted_at=at(5),
        done=3,
        total=4,
        key=SeriesKey("a"),
    )
    state = _state_of(note, at(5) + age)
    assert (state.status, state.ended_at) == (shown, at(5) if has_ended else None)
    assert (state.scan_id, state.started_at, state.done, state.total) == ("s", at(0), 3, 4)
    assert state.key == "a"
