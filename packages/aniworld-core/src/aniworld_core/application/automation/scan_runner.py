"""Scans on request in the background: start, state, cancel."""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime

import anyio
import attrs

from aniworld_core.application.automation.rescan_schedule import RescanSchedule
from aniworld_core.application.library import (
    LibraryScanner,
    OtherScans,
    ScanOptions,
    ScanState,
    ScanStatus,
)
from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.shared_state import ScanNote
from aniworld_core.errors import AniworldError, ScanRunningError
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import MediaLibrary

logger: logging.Logger = logging.getLogger(__name__)


@attrs.define(eq=False, kw_only=True)
class ScanRunner:
    """Run requested scans in the background, one at a time.

    `run` must run in a task of its own.

    Args:
        schedule: Runs the scans; excludes scans of other processes.
        scanner: Has the state of the running scan.
        library: Library folder; must be set before a scan.
        clock: The time.
        others: Has the state of scans of other processes.
    """

    _schedule: RescanSchedule
    _scanner: LibraryScanner
    _library: MediaLibrary
    _clock: Clock
    _others: OtherScans | None = None
    _new_id: Callable[[], str] = attrs.field(default=lambda: uuid.uuid4().hex)
    _asked: ScanState | None = attrs.field(default=None, init=False)
    _options: ScanOptions = attrs.field(factory=ScanOptions, init=False)
    #: Last scan of the scanner at the time of the request.
    _before: str | None = attrs.field(default=None, init=False)
    #: Whether the schedule was asked for the requested scan.
    _is_triggered: bool = attrs.field(default=False, init=False)
    _wake: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    _ended: anyio.Event = attrs.field(factory=anyio.Event, init=False)

    @property
    def state(self) -> ScanState:
        """Return the requested or running scan, otherwise the last one of any process."""
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
        if self._asked is None or self._scanner.running is not None:
            return begun
        if self._is_asked:
            # A scan ends after its follow-up work, such as queueing.
            is_own = begun.scan_id == self._asked.scan_id
            return attrs.evolve(begun, status=ScanStatus.RUNNING) if is_own else self._asked
        return self._asked if begun.scan_id == self._before else begun

    async def start(self, *, accept_loss: bool = False, full: bool = False) -> str:
        """Request a scan of the library.

        Args:
            accept_loss: Files that are gone were removed on purpose, however many.
            full: Read all folders and check all files again.

        Returns:
            Id of the scan.

        Raises:
            ScanRunningError: If a scan is running, in this process or another.
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
        self._options = ScanOptions(accept_loss=accept_loss, full=full)
        self._before = self._scanner.state.scan_id
        self._is_triggered = False
        self._ended = anyio.Event()
        self._wake.set()
        return scan_id

    async def cancel(self) -> bool:
        """Cancel the requested or running scan; return whether there was one."""
        if self._is_waiting:
            self._settle(ScanStatus.CANCELLED)
            return True
        was_running = self._scanner.cancel()
        if self._is_asked:
            await self._ended.wait()
        return was_running

    async def run(self) -> None:
        """Run requested scans until cancelled."""
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
        """Return whether a requested scan waits for its turn."""
        return self._is_asked and not self._is_triggered

    @property
    def _is_ending(self) -> bool:
        """Return whether the requested scan is done but its follow-up work is not."""
        if self._asked is None or not self._is_asked or self._scanner.running is not None:
            return False
        return self._scanner.state.scan_id == self._asked.scan_id

    async def _carry_out(self, scan_id: str | None) -> None:
        # Changed folders may have begun to be scanned since the request.
        await self._scanner.until_free()
        if not self._is_waiting:
            return  # it was cancelled meanwhile
        self._is_triggered = True
        try:
            await self._schedule.trigger(scan_id=scan_id, options=self._options)
            self._settle(ScanStatus.COMPLETED)
        except AniworldError as error:
            logger.warning("the scan did not start: %s", error)
            self._settle(ScanStatus.FAILED, Failure.of(error))
        except Exception as error:
            # A bug in a catalogue may end this scan, but not the task of `run`.
            logger.exception("the scan failed unexpectedly")
            failure = Failure.from_message(Message("unexpected", error=repr(error)))
            self._settle(ScanStatus.FAILED, failure)

    def _settle(self, status: ScanStatus, failure: Failure | None = None) -> None:
        if self._asked is not None:
            self._asked = attrs.evolve(
                self._asked, status=status, failure=failure, ended_at=self._clock.now()
            )
        self._ended.set()


def _state_of(note: ScanNote, now: datetime) -> ScanState:
    """Return the scan of another process; it has failed if its process has ended."""
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
