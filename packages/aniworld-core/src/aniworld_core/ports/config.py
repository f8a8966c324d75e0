"""Where the configuration is kept."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime

from aniworld_core.domain.configuration import BackupInfo, Config


class ConfigStore(ABC):
    """Keeps one configuration and its former versions."""

    @abstractmethod
    async def load(self) -> Config:
        """Return the stored configuration, completed with defaults; unknown settings are kept.

        Raises:
            ConfigCorruptError: If it cannot be read; it is never overwritten then.
            InvalidConfigError: If a setting has a value of the wrong type or range.
        """

    @abstractmethod
    async def save(self, config: Config, *, at: datetime) -> None:
        """Replace it atomically; the former version becomes a backup named after *at*.

        Saving what is already stored changes nothing and makes no backup.

        Raises:
            ConfigCorruptError: If the stored one cannot be read.
            LibraryUnavailableError: If the folder cannot be written.
            StorageFullError: If there is no space; the former version is then untouched.
        """

    def exclusive(self) -> AbstractAsyncContextManager[None]:
        """Keep every other process from changing it inside the context.

        What is loaded inside is what `save` and `restore` replace. It is no lock for tasks of
        one process, and is not entered twice. By default it does nothing, which is right for a
        store that only one process uses.

        Raises:
            LibraryUnavailableError: If another process does not let go, or the folder cannot be
                written.
            StorageFullError: If there is no space.
        """
        return nullcontext()

    @abstractmethod
    async def back_up(self, *, at: datetime) -> BackupInfo:
        """Keep a copy of the stored configuration as it is."""

    @abstractmethod
    async def backups(self) -> Sequence[BackupInfo]:
        """List the backups, newest first."""

    @abstractmethod
    async def read_backup(self, name: str) -> Config:
        """Return what a backup holds, completed with defaults; changes nothing.

        Its master password's hash is left out.

        Raises:
            BackupNotFoundError: If *name* is none of the listed names.
            InvalidConfigError: If the backup is not valid.
        """

    @abstractmethod
    async def restore(self, name: str, *, at: datetime) -> Config:
        """Make a backup the stored configuration; the present one is backed up first.

        The master password's hash stays the present one.

        Raises:
            BackupNotFoundError: If *name* is none of the listed names.
            InvalidConfigError: If the backup is not valid; nothing changes.
        """

    @abstractmethod
    async def remove_backup(self, name: str) -> None:
        """Delete a backup.

        Raises:
            BackupNotFoundError: If *name* is none of the listed names.
        """
