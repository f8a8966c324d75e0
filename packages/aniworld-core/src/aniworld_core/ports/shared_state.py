"""Storage of the state that processes of one installation share."""

from abc import ABC, abstractmethod

from aniworld_core.domain.shared_state import QueueControl, ScanNote


class SharedStateRepository(ABC):
    """Store the queue control and the note of the last scan. Every call is one transaction.

    Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def queue_control(self) -> QueueControl:
        """Return the stored control; the defaults before the first change."""

    @abstractmethod
    async def set_queue_control(self, control: QueueControl) -> None:
        """Replace the control; survives a power failure."""

    @abstractmethod
    async def scan_note(self) -> ScanNote | None:
        """Return the note of the last scan, or `None` before the first."""

    @abstractmethod
    async def note_scan(self, note: ScanNote) -> None:
        """Replace the note; may be lost in a power failure."""
