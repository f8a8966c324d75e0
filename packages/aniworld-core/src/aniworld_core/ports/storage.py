"""Where everything is kept."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

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


#: Opens the storage of a database URL; raises `StorageUnavailableError`, `StorageCorruptError`.
StorageFactory: TypeAlias = Callable[[str], AbstractAsyncContextManager[Storage]]
