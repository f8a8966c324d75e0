"""Scanning in the background because somebody asked: start, look, cancel."""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime

import anyio
import attrs

from aniworld_core.application.automation.rescan_schedule import RescanSchedule
from aniworld_core.application.library import LibraryScanner, OtherScans, ScanState, ScanStatus
from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.shared_state import ScanNote
from aniworld_core.errors import AniworldError, ScanRunningError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import MediaLibrary

logger = logging.getLogger(__name__)


@attrs.define(eq=False, kw_only=True)
class ScanRunner:
    """Carries out scans for callers who do not wait for them; never two at once.

    Somebody has to run `run` beside them.

    Args:
        schedule: Carries the scans out; knows of those of other processes.
        scanner: Knows the scan under way, whoever began it.
        library: Must be set before anything is scanned.
        clock: The time.
        others: Knows the scans of other processes.
    """

    _schedule: RescanSchedule
    _scanner: LibraryScanner
    _library: MediaLibrary
    _clock: Clock
    _others: OtherScans | None = None
    _new_id: Callable[[], str] = attrs.field(default=lambda: uuid.uuid4().hex)
    _asked: ScanState | None = attrs.field(default=None, init=False)
    _accept_loss: bool = attrs.field(default=False, init=False)
    #: The scanner's last scan when this one was asked for.
    _before: str | None = attrs.field(default=None, init=False)
    _wake: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    _ended: anyio.Event = attrs.field(factory=anyio.Event, init=False)

    @property
    def state(self) -> ScanState:
        """The scan that is asked for or under way, or the last one of any process."""
        other = self._others.note if self._others is not None else None
        own = self._own_state
        if other is None or own.status is ScanStatus.RUNNING:
            return own
        if own.started_at is not None and own.started_at > other.started_at:
            return own
        return _state_of(other, self._clock.now())

    @property
    def _own_state(self) -> ScanState:
        begun = self._scanner.state
        if self._asked is None or begun.scan_id != self._before:
            # What follows a scan, such as queueing, belongs to it: it is over when that is.
            return attrs.evolve(begun, status=ScanStatus.RUNNING) if self._is_ending else begun
        return self._asked

    async def start(self, *, accept_loss: bool = False) -> str:
        """Have the library scanned from now on.

        Args:
            accept_loss: Scan a library folder that was emptied on purpose, too.

        Returns:
            The id of the scan.

        Raises:
            ScanRunningError: If one is under way, in this process or another.
            LibraryNotSetError: If no library folder is set.
            StorageUnavailableError: If the schedule cannot be read.
        """
        _ = self._library.root
        if self._is_ending:
            await self._ended.wait()
        is_elsewhere = (await self._schedule.status()).is_running
        if self._is_busy or is_elsewhere:
            raise ScanRunningError(self.state.scan_id or "")
        scan_id = self._new_id()
        self._asked = ScanState(
            status=ScanStatus.RUNNING, scan_id=scan_id, started_at=self._clock.now()
        )
        self._accept_loss = accept_loss
        self._before = self._scanner.state.scan_id
        self._ended = anyio.Event()
        self._wake.set()
        return scan_id

    async def cancel(self) -> bool:
        """End the scan that is asked for or under way, and tell whether there was one."""
        if self._is_waiting:
            self._settle(ScanStatus.CANCELLED)
            return True
        was_running = self._scanner.cancel()
        if self._is_asked:
            await self._ended.wait()
        return was_running

    async def run(self) -> None:
        """Carry out what is asked for, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake = anyio.Event()
            if self._asked is not None and self._is_waiting:
                await self._carry_out(self._asked.scan_id)

    @property
    def _is_busy(self) -> bool:
        return self._is_asked or self._scanner.running is not None

    @property
    def _is_asked(self) -> bool:
        return self._asked is not None and self._asked.status is ScanStatus.RUNNING

    @property
    def _is_waiting(self) -> bool:
        """Whether a scan is asked for that has not begun."""
        return self._is_asked and self._scanner.state.scan_id == self._before

    @property
    def _is_ending(self) -> bool:
        """Whether what was asked for is scanned, but not yet through."""
        return self._is_asked and not self._is_waiting and self._scanner.running is None

    async def _carry_out(self, scan_id: str | None) -> None:
        try:
            await self._schedule.trigger(scan_id=scan_id, accept_loss=self._accept_loss)
            self._settle(ScanStatus.COMPLETED)
        except AniworldError as error:
            logger.warning("the scan did not begin: %s", error)
            self._settle(ScanStatus.FAILED, Failure.of(error))
        except Exception as error:
            # A mistake in a catalogue must cost this scan only, not whoever runs `run`.
            logger.exception("the scan failed unexpectedly")
            failure = Failure(kind="unexpected", message=f"unexpected error: {error!r}")
            self._settle(ScanStatus.FAILED, failure)

    def _settle(self, status: ScanStatus, failure: Failure | None = None) -> None:
        if self._asked is not None:
            self._asked = attrs.evolve(
                self._asked, status=status, failure=failure, ended_at=self._clock.now()
            )
        self._ended.set()


def _state_of(note: ScanNote, now: datetime) -> ScanState:
    """Show the scan of another process; one whose process ended has failed."""
    status = ScanStatus(note.status)
    if status is ScanStatus.RUNNING and not note.is_running(now):
        status = ScanStatus.FAILED
    return ScanState(
        status=status,
        scan_id=note.scan_id,
        started_at=note.started_at,
        ended_at=None if status is ScanStatus.RUNNING else note.noted_at,
        done=note.done,
        total=note.total,
        key=note.key,
        folder=note.folder,
        failure=note.failure,
    )
