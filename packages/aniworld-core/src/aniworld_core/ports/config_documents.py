"""Storage of the configuration in a database that several machines share."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

import attrs

from aniworld_core.domain.configuration import BackupInfo


@attrs.frozen(kw_only=True)
class ConfigDocument:
    """The stored configuration.

    Attributes:
        text: The document; not checked.
        revision: Differs from that of every former document.
    """

    text: str
    revision: int


@attrs.frozen(kw_only=True)
class FormerDocument:
    """How a replaced document is kept as a backup.

    Attributes:
        at: Time of the backup, which names it.
        keep: Number of backups to keep; the oldest ones are deleted.
        spared: Name of a backup that stays, however old it is.
    """

    at: datetime
    keep: int
    spared: str = ""


class ConfigDocuments(ABC):
    """Store one document and its backups. Every call is one transaction.

    Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def get(self) -> ConfigDocument | None:
        """Return the document; `None` before the first one."""

    @abstractmethod
    async def replace(
        self, text: str, *, replacing: int | None, former: FormerDocument | None = None
    ) -> None:
        """Replace the document if its revision still is *replacing*.

        Args:
            text: The new document.
            replacing: Revision of the document that the caller has read; `None` if there was none.
            former: How the former document is kept; `None` deletes it.

        Raises:
            ConfigChangedError: If the revision differs; nothing changes.
        """

    @abstractmethod
    async def back_up(self, text: str, former: FormerDocument) -> BackupInfo:
        """Store a backup; its time is moved on by microseconds until its name is free."""

    @abstractmethod
    async def backups(self) -> Sequence[BackupInfo]:
        """List the backups, newest first."""

    @abstractmethod
    async def backup(self, name: str) -> str:
        """Return the document of a backup.

        Raises:
            BackupNotFoundError: If there is none of this name.
        """

    @abstractmethod
    async def remove_backup(self, name: str) -> None:
        """Delete a backup.

        Raises:
            BackupNotFoundError: If there is none of this name.
        """
