"""Notes about scans, by which the processes on one database see each other's scans."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import anyio
import attrs

from aniworld_core.application.library.scans.state import ScanState
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.shared_state import SCAN_NOTE_LIFETIME, ScanNote
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.events import ScanCompleted, ScanFailed, ScanProgressed, ScanStarted
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.shared_state import SharedStateRepository

#: Seconds between two notes about a scan that advances.
_EVERY: Final = 0.5
#: Seconds between two notes about a scan that does not advance.
_REPEAT: Final = SCAN_NOTE_LIFETIME / 3
_COMPONENT: Final = "the note about the scan"
_LOST: Final = Failure.from_message(Message("interrupted"), retryable=True)


@attrs.define(eq=False, kw_only=True)
class ScanNotes:
    """Store the scanner's state; a database outage does not end a scan."""

    _shared: SharedStateRepository
    _clock: Clock
    _outage: StorageOutage
    process: str = attrs.field(factory=lambda: uuid.uuid4().hex)
    _written: ScanNote | None = attrs.field(default=None, init=False)

    @asynccontextmanager
    async def following(self, state: Callable[[], ScanState]) -> AsyncIterator[None]:
        """Update the note inside the context, and store the result on exit.

        Args:
            state: Returns the scanner's state.
        """
        failure: Exception | None = None
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._follow, state)
                # Errors of the body are raised as they are: the other task raises none.
                try:
                    yield
                except Exception as error:
                    failure = error
                tasks.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await self._write(state())
        if failure is not None:
            raise failure

    async def _follow(self, state: Callable[[], ScanState]) -> None:
        while True:
            await self._write(state())
            await anyio.sleep(_EVERY)

    async def _write(self, state: ScanState) -> None:
        note = self._note(state)
        if note is None or (self._written is not None and not self._is_news(note, self._written)):
            return
        try:
            await self._shared.note_scan(note)
        except StorageUnavailableError as error:
            self._outage.failed(_COMPONENT, error)
        else:
            self._outage.recovered(_COMPONENT)
            self._written = note

    def _note(self, state: ScanState) -> ScanNote | None:
        if state.scan_id is None or state.started_at is None:
            return None
        report = state.report
        return ScanNote(
            process=self.process,
            scan_id=state.scan_id,
            status=state.status.value,
            started_at=state.started_at,
            noted_at=self._clock.now(),
            done=state.done,
            total=state.total,
            key=state.key,
            folder=state.folder,
            series=report.series if report else 0,
            files=report.files if report else 0,
            missing=report.missing if report else 0,
            failure=state.failure,
        )

    def _is_news(self, note: ScanNote, written: ScanNote) -> bool:
        if note.noted_at - written.noted_at >= _REPEAT:
            return True
        return attrs.evolve(note, noted_at=written.noted_at) != written


@attrs.define(eq=False, kw_only=True)
class OtherScans:
    """Publish the progress and result of scans in other processes.

    Args:
        process: Name of this process in its own notes.
    """

    _shared: SharedStateRepository
    _bus: ProgressBus
    _clock: Clock
    _process: str
    _last: ScanNote | None = attrs.field(default=None, init=False)
    _is_open: bool = attrs.field(default=False, init=False)

    @property
    def note(self) -> ScanNote | None:
        """Return the last note of another process."""
        return self._last

    async def begin(self) -> None:
        """Treat the stored note as known, unless its scan is running.

        Raises:
            StorageUnavailableError: If it cannot be read.
        """
        note = await self._shared.scan_note()
        if note is not None and not note.is_running(self._clock.now()):
            self._last = note

    async def look(self, *, is_changed: bool) -> None:
        """Publish changes of another process's scan since the last call.

        Args:
            is_changed: Whether the database changed since then.

        Raises:
            StorageUnavailableError: If the note cannot be read.
        """
        if is_changed:
            note = await self._shared.scan_note()
            if note is not None and note.process != self._process and note != self._last:
                await self._publish(note)
        if self._is_open and self._last is not None and not self._is_alive(self._last):
            await self._end(self._last, _LOST)

    def _is_alive(self, note: ScanNote) -> bool:
        return note.is_running(self._clock.now())

    async def _publish(self, note: ScanNote) -> None:
        before, self._last = self._last, note
        now = self._clock.now()
        if note.status == "running" and not self._is_alive(note):
            return
        if before is None or before.scan_id != note.scan_id:
            self._is_open = True
            await self._bus.publish(ScanStarted(scan_id=note.scan_id, at=note.started_at))
        if note.status == "running":
            if note.total:
                await self._bus.publish(
                    ScanProgressed(
                        scan_id=note.scan_id,
                        done=note.done,
                        total=note.total,
                        key=note.key,
                        folder=note.folder,
                        at=now,
                    )
                )
        elif note.status == "completed":
            self._is_open = False
            await self._bus.publish(
                ScanCompleted(
                    scan_id=note.scan_id,
                    series=note.series,
                    files=note.files,
                    missing=note.missing,
                    at=note.noted_at,
                )
            )
        else:
            await self._end(note, note.failure or _LOST)

    async def _end(self, note: ScanNote, failure: Failure) -> None:
        self._is_open = False
        await self._bus.publish(
            ScanFailed(scan_id=note.scan_id, failure=failure, at=self._clock.now())
        )
