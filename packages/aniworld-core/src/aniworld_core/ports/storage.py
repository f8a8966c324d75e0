"""The storage: all repositories of one database."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeAlias

import attrs

if TYPE_CHECKING:
    # A program that uses one repository need not import the values of the others.
    from aniworld_core.ports.accounts import AccountRepository
    from aniworld_core.ports.api_keys import ApiKeyRepository
    from aniworld_core.ports.change_journal import ChangeJournal
    from aniworld_core.ports.clock import Clock
    from aniworld_core.ports.config_documents import ConfigDocuments
    from aniworld_core.ports.guesses import GuessCounter
    from aniworld_core.ports.history import HistoryRepository
    from aniworld_core.ports.jobs import JobRepository
    from aniworld_core.ports.library_files import LibraryFileRepository
    from aniworld_core.ports.metadata import MetadataRepository
    from aniworld_core.ports.nodes import Leadership, NodeRegistry
    from aniworld_core.ports.process_link import ProcessLink
    from aniworld_core.ports.queue import QueueRepository
    from aniworld_core.ports.schedule import ScheduleRepository
    from aniworld_core.ports.scores import ScoreRepository
    from aniworld_core.ports.series import SeriesRepository
    from aniworld_core.ports.sessions import SessionRepository
    from aniworld_core.ports.shared_state import SharedStateRepository
    from aniworld_core.ports.statistics import StatisticsRepository
    from aniworld_core.ports.tasks import TaskRepository
    from aniworld_core.ports.tickets import TicketDispatcher
    from aniworld_core.ports.versions import VersionRepository


class Storage(ABC):
    """The repositories of one database; opened by a `StorageFactory`, closed by its context."""

    @property
    @abstractmethod
    def series(self) -> "SeriesRepository":
        """The series and their episodes."""

    @property
    @abstractmethod
    def queue(self) -> "QueueRepository":
        """The download items."""

    @property
    @abstractmethod
    def sessions(self) -> "SessionRepository":
        """The signed-in sessions."""

    @property
    @abstractmethod
    def accounts(self) -> "AccountRepository":
        """The accounts of further users."""

    @property
    @abstractmethod
    def api_keys(self) -> "ApiKeyRepository":
        """The API keys."""

    @property
    @abstractmethod
    def schedule(self) -> "ScheduleRepository":
        """The state of the scan schedule."""

    @property
    @abstractmethod
    def shared(self) -> "SharedStateRepository":
        """State that the processes of one installation share."""

    @property
    @abstractmethod
    def scores(self) -> "ScoreRepository":
        """The scores of hosters."""

    @property
    @abstractmethod
    def files(self) -> "LibraryFileRepository":
        """The files and folders of the library."""

    @property
    @abstractmethod
    def changes(self) -> "ChangeJournal":
        """The journal of library changes."""

    @property
    @abstractmethod
    def metadata(self) -> "MetadataRepository":
        """The metadata of series."""

    @property
    @abstractmethod
    def versions(self) -> "VersionRepository":
        """The times at which language versions appeared."""

    @property
    @abstractmethod
    def history(self) -> "HistoryRepository":
        """What happened."""

    @property
    @abstractmethod
    def tasks(self) -> "TaskRepository":
        """The runs of background tasks."""

    @property
    @abstractmethod
    def jobs(self) -> "JobRepository":
        """The bulk jobs."""

    @property
    @abstractmethod
    def statistics(self) -> "StatisticsRepository":
        """Sums of downloads, and sizes of the library."""

    @abstractmethod
    async def ping(self) -> None:
        """Do the smallest possible read.

        Raises:
            StorageUnavailableError: If the database cannot be reached.
        """

    @property
    def configuration(self) -> "ConfigDocuments | None":
        """The configuration, if several machines share the storage; `None` for a file of each."""
        return None

    @property
    def guesses(self) -> "GuessCounter | None":
        """The guesses of passwords at all machines; `None` if each process counts its own."""
        return None

    @property
    def link(self) -> "ProcessLink | None":
        """Notices between the processes of several machines; `None` if the storage has none."""
        return None

    async def is_first(self, name: str, *, at: datetime, within: timedelta) -> bool:
        """Return whether no process has called this with the same name within a time.

        Of servers that react to the same event, one gets `True`. A storage of one machine has one
        server, which always gets it.

        Args:
            name: What must happen once, such as a notification about an item.
            at: The present time.
            within: How long the name is remembered.

        Raises:
            StorageUnavailableError: If the storage cannot be used.
        """
        return True

    def clock(self, local: "Clock") -> "Clock":
        """Return the clock that claims, leases, delays and sessions are judged by.

        A storage that several machines share returns one clock for all of them: it is never ahead
        of the clock of the database, and the clock of this machine has no effect on its time.
        Processes of one machine share *local* anyway.

        Args:
            local: The clock of this machine.
        """
        return local

    @property
    def nodes(self) -> "NodeRegistry | None":
        """The processes that use the database; `None` if all are on one machine."""
        return None

    @property
    def leadership(self) -> "Leadership | None":
        """Gives the lead to one process; `None` if a file of the machine does."""
        return None

    @property
    def tickets(self) -> "TicketDispatcher | None":
        """Dispatcher for the workers of all machines; `None` if they poll the queue."""
        return None

    async def has_unfinished_changes(self) -> bool:
        """Return whether the journal holds changes that are not finished.

        Every start asks this; the answer must not need the values of the journal.
        """
        return bool(await self.changes.unfinished())

    @property
    def notice(self) -> str:
        """Why nothing can be stored at the moment, as a sentence; empty while writing works."""
        return ""

    @property
    def engine(self) -> tuple[str, str] | None:
        """Name and version of the database engine; `None` if there is none."""
        return None

    async def last_copy(self) -> datetime | None:
        """Return when the newest copy of the database was made.

        Returns:
            `None` when there is none, also when the storage makes its copies by other means.
        """
        return None

    async def make_copy(self, *, at: datetime, keep: int) -> bool:
        """Copy the database as it is, check the copy, and remove the oldest ones.

        Args:
            at: The present time, which names the copy.
            keep: Number of copies to keep.

        Returns:
            Whether it was copied; `False` from a storage that makes its copies by other means.

        Raises:
            StorageUnavailableError: If it cannot be read, or the copy cannot be written.
            StorageCorruptError: If it is damaged; no copy is removed then.
        """
        return False


@attrs.frozen(kw_only=True)
class Recovery:
    """The result of the recovery of a damaged database.

    Attributes:
        reason: The damage.
        moved_to: The new path of the damaged file.
        restored_from: The copy that replaced it; `None` without a copy.
        restored_at: When that copy was made.
        is_read_only: Whether the new database is empty and read-only.
    """

    reason: str
    moved_to: str
    restored_from: str | None = None
    restored_at: datetime | None = None
    is_read_only: bool = False


class RecoverStorage(Protocol):
    """Recover the database of a URL; the type of the entry point `aniworld.recovery`."""

    async def __call__(
        self, url: str, *, at: datetime, on_request: bool = False
    ) -> Recovery | None:
        """Move a damaged database aside and restore the newest copy; `None` when it is sound."""


#: Opens the storage of a database URL; raises `StorageUnavailableError`, `StorageCorruptError`.
StorageFactory: TypeAlias = Callable[[str], AbstractAsyncContextManager[Storage]]
