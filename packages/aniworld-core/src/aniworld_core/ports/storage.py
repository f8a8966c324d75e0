"""Where everything is kept."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository
from aniworld_core.ports.sessions import SessionRepository


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

    @abstractmethod
    async def ping(self) -> None:
        """Do the smallest possible read.

        Raises:
            StorageUnavailableError: If the database cannot be reached.
        """


#: Opens the storage of a database URL; raises `StorageUnavailableError`, `StorageCorruptError`.
StorageFactory: TypeAlias = Callable[[str], AbstractAsyncContextManager[Storage]]
