"""Where everything is kept."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol, TypeAlias

import attrs

from aniworld_core.ports.api_keys import ApiKeyRepository
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.schedule import ScheduleRepository
from aniworld_core.ports.scores import ScoreRepository
from aniworld_core.ports.series import SeriesRepository
from aniworld_core.ports.sessions import SessionRepository
from aniworld_core.ports.shared_state import SharedStateRepository


class Storage(ABC):
    """The repositories of one database; opened by a `StorageFactory`, closed by its context."""

    @property
    @abstractmethod
    def series(self) -> SeriesRepository:
        """The series and their episodes."""

    @property
    @abstractmethod
    def queue(self) -> QueueRepository:
        """The download items."""

    @property
    @abstractmethod
    def sessions(self) -> SessionRepository:
        """The signed-in sessions."""

    @property
    @abstractmethod
    def api_keys(self) -> ApiKeyRepository:
        """The keys of other tools."""

    @property
    @abstractmethod
    def schedule(self) -> ScheduleRepository:
        """When the library was scanned by itself."""

    @property
    @abstractmethod
    def shared(self) -> SharedStateRepository:
        """What the processes of one installation tell each other."""

    @property
    @abstractmethod
    def scores(self) -> ScoreRepository:
        """How hosters did."""

    @abstractmethod
    async def ping(self) -> None:
        """Do the smallest possible read.

        Raises:
            StorageUnavailableError: If the database cannot be reached.
        """

    @property
    def notice(self) -> str:
        """Why nothing can be stored at the moment, for the owner; empty when all is well."""
        return ""

    async def last_copy(self) -> datetime | None:
        """Return when the newest copy of the database was made.

        Returns:
            `None` when there is none, also when the storage makes its copies by other means.
        """
        return None

    async def make_copy(self, *, at: datetime, keep: int) -> bool:
        """Copy the database as it is, check the copy, and remove the oldest ones.

        Args:
            at: Now; names the copy.
            keep: Copies that are left.

        Returns:
            Whether it was copied; `False` from a storage that makes its copies by other means.

        Raises:
            StorageUnavailableError: If it cannot be read, or the copy cannot be written.
            StorageCorruptError: If it is damaged; no copy is removed then.
        """
        return False


@attrs.frozen(kw_only=True)
class Recovery:
    """What was done about a damaged database.

    Attributes:
        reason: What was wrong with it.
        moved_to: Where the damaged file is now.
        restored_from: The copy that took its place; `None` when there was none.
        restored_at: When that copy was made.
        is_read_only: Whether the new database is empty and read-only.
    """

    reason: str
    moved_to: str
    restored_from: str | None = None
    restored_at: datetime | None = None
    is_read_only: bool = False


class RecoverStorage(Protocol):
    """Recovers the database of a URL; found by the entry point `aniworld.recovery`."""

    async def __call__(
        self, url: str, *, at: datetime, on_request: bool = False
    ) -> Recovery | None:
        """Move a damaged database aside and restore the newest copy; `None` when it is sound."""


#: Opens the storage of a database URL; raises `StorageUnavailableError`, `StorageCorruptError`.
StorageFactory: TypeAlias = Callable[[str], AbstractAsyncContextManager[Storage]]
