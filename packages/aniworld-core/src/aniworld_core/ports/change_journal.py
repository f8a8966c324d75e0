"""Storage of the journal of library changes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime

from aniworld_core.domain.catalogue import Page
from aniworld_core.domain.identity import ChangeId
from aniworld_core.domain.library import (
    ChangeEntry,
    ChangeStatus,
    FileStamp,
    LibraryChange,
    StepState,
)


class ChangeJournal(ABC):
    """Store changes of the library with their steps. Every call is one transaction.

    Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def begin(self, change: LibraryChange) -> LibraryChange:
        """Store a new change before its first step; survives a power failure.

        Returns:
            The change with its number, which is higher than every number before.
        """

    @abstractmethod
    async def get(self, change_id: ChangeId) -> LibraryChange:
        """Return a change with its steps.

        Raises:
            ChangeNotFoundError: If there is no such change.
        """

    @abstractmethod
    async def entry(self, change_id: ChangeId) -> ChangeEntry:
        """Return a change as it is listed.

        Raises:
            ChangeNotFoundError: If there is no such change.
        """

    @abstractmethod
    async def unfinished(self) -> Sequence[LibraryChange]:
        """Return the changes that are running or stuck, oldest first."""

    @abstractmethod
    async def find(self, *, limit: int | None = None, offset: int = 0) -> Page[ChangeEntry]:
        """Return the changes without their steps, newest first, and the number of all."""

    @abstractmethod
    async def note_steps(
        self, change_id: ChangeId, steps: Mapping[int, tuple[StepState, FileStamp | None]]
    ) -> None:
        """Store the state of steps and the stamps that they left, by the index of the step.

        A power failure may lose it, because the files themselves show which steps are done.

        Raises:
            ChangeNotFoundError: If there is no such change.
        """

    @abstractmethod
    async def settle(
        self, change_id: ChangeId, status: ChangeStatus, *, at: datetime, reason: str = ""
    ) -> None:
        """Store how a change ended; survives a power failure.

        The time is stored, and the content of written files is deleted, when the change is
        `DONE` or `REVERTED`.

        Raises:
            ChangeNotFoundError: If there is no such change.
        """

    @abstractmethod
    async def prune(self, *, before: datetime | None, most: int) -> int:
        """Delete old changes with their steps; running and stuck ones stay.

        Args:
            before: Changes that were finished earlier are deleted; `None` for no age limit.
            most: Largest number of changes; the oldest of more are deleted.

        Returns:
            The number of deleted changes.
        """
