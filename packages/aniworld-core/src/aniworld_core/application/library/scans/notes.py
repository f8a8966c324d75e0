"""Store notes about this process's scan for other processes on the same database."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import anyio
import attrs

from aniworld_core.application.library.scans.state import ScanState
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.shared_state import SCAN_NOTE_LIFETIME, ScanNote
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.shared_state import SharedStateRepository

#: Seconds between two notes about a scan that advances.
_EVERY: Final = 0.5
#: Seconds between two notes about a scan that does not advance.
_REPEAT: Final = SCAN_NOTE_LIFETIME / 3
_COMPONENT: Final = "the note about the scan"


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
