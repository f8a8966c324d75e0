"""Storage of the configuration and its backups."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime

import attrs

from aniworld_core.domain.configuration import BackupInfo, Config


@attrs.frozen
class StoredDocument:
    """Stored settings, not yet checked.

    Attributes:
        values: Plain values, partial or complete.
        unwritable: JSON pointers of values that cannot be written again, such as numbers that JSON
            does not allow, or names that an object has twice.
    """

    values: Mapping[str, object]
    unwritable: tuple[str, ...] = ()


class ConfigStore(ABC):
    """Store one configuration and its backups."""

    @abstractmethod
    async def load(self) -> Config:
        """Return the stored configuration, completed with defaults; unknown settings are kept.

        Raises:
            ConfigCorruptError: If it cannot be read; a corrupt configuration is never overwritten.
            InvalidConfigError: If a setting has a value of the wrong type or range.
        """

    async def revision(self) -> str:
        """Return a text that changes whenever the stored configuration does; cheap to ask for.

        The default never changes, for stores of a single process.

        Raises:
            LibraryUnavailableError: If the folder cannot be read.
        """
        return ""

    @abstractmethod
    async def save(self, config: Config, *, at: datetime) -> None:
        """Replace the configuration atomically and keep the former version as a backup of *at*.

        Saving what is already stored changes nothing and makes no backup.

        Raises:
            ConfigCorruptError: If the stored one cannot be read.
            LibraryUnavailableError: If the folder cannot be written.
            StorageFullError: If there is no space; the former version is then untouched.
        """

    async def document(self) -> StoredDocument | None:
        """Return the stored settings as they are written, also where they are invalid.

        The default is `None`, for stores that cannot hold invalid settings.

        Raises:
            ConfigCorruptError: If it cannot be read.
        """
        return None

    async def save_document(
        self, document: Mapping[str, object], valid: Config, *, at: datetime
    ) -> None:
        """Store a document in which single settings are still invalid; otherwise like `save`.

        Called only after `document` returned a value. So a store that keeps the default of
        `document` need not override this either.

        Args:
            document: A complete document of plain values.
            valid: Its valid part, which says where backups are kept.
            at: Time of the change.

        Raises:
            ConfigCorruptError: If the stored one cannot be read.
            LibraryUnavailableError: If the folder cannot be written.
            StorageFullError: If there is no space; the former version is then untouched.
        """
        raise NotImplementedError  # a store with `document`, but without this, is incomplete

    def exclusive(self) -> AbstractAsyncContextManager[None]:
        """Lock the configuration against changes by other processes inside the context.

        `save` and `restore` replace what was loaded inside. It does not lock tasks of one process,
        and must not be entered twice. The default does nothing, for stores of a single process.

        Raises:
            LibraryUnavailableError: If another process holds the lock too long, or the folder
                cannot be written.
            StorageFullError: If there is no space.
        """
        return nullcontext()

    @abstractmethod
    async def back_up(self, *, at: datetime) -> BackupInfo:
        """Make a backup of the stored configuration."""

    @abstractmethod
    async def backups(self) -> Sequence[BackupInfo]:
        """List the backups, newest first."""

    @abstractmethod
    async def read_backup(self, name: str) -> Config:
        """Return the configuration of a backup, completed with defaults; change nothing.

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
