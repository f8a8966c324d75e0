"""Scans of other processes, read from their notes in the database."""

import attrs

from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.shared_state import ScanNote
from aniworld_core.events import ScanCompleted, ScanFailed, ScanProgressed, ScanStarted
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.shared_state import SharedStateRepository

_LOST = Failure.from_message(Message("interrupted"), retryable=True)


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
