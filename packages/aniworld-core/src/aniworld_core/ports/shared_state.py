"""Storage of the state that processes of one installation share."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime

from aniworld_core.domain.shared_state import QueueControl, ScanNote


class SharedStateRepository(ABC):
    """Store the queue control, requests to ask catalogues again, and the note of the last scan.

    Every call is one transaction.

    Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def queue_control(self) -> QueueControl:
        """Return the stored control; the defaults before the first change."""

    @abstractmethod
    async def change_queue_control(
        self, *, is_stopped: bool | None = None, is_paused: bool | None = None
    ) -> QueueControl:
        """Change the given values and return the control; survives a power failure.

        Values that are `None` stay, also if another process changes them at the same time.
        """

    @abstractmethod
    async def tried_again(self) -> Mapping[str, datetime]:
        """Return when a person last had each catalogue asked again; the empty name means all."""

    @abstractmethod
    async def note_tried_again(self, name: str, at: datetime) -> None:
        """Store that a person has a catalogue asked again; the empty name means all.

        What was stored for other names stays.
        """

    @abstractmethod
    async def scan_note(self) -> ScanNote | None:
        """Return the note of the last scan, or `None` before the first."""

    @abstractmethod
    async def note_scan(self, note: ScanNote) -> None:
        """Replace the note; may be lost in a power failure."""
