"""Copies of the database: when they are due, and how they are made."""

from datetime import datetime, timedelta
from typing import Final

import attrs

from aniworld_core.application.configuration.current import CurrentConfig
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.storage import Storage

#: Time to wait after a failed copy.
_AFTER_FAILURE: Final = timedelta(hours=1)


@attrs.define(eq=False, kw_only=True)
class DatabaseCopies:
    """Make the database copies that `backup.database` configures."""

    _storage: Storage
    _config: CurrentConfig
    _clock: Clock

    async def next_time(self, *, failed_at: datetime | None = None) -> datetime | None:
        """Return when the next copy is due; `None` if copies are disabled.

        Args:
            failed_at: When the last attempt failed, if it did.
        """
        wanted = self._config.value.backup.database
        if not wanted.enabled:
            return None
        now = self._clock.now()
        last = await self._storage.last_copy()
        # One from the future was made before the clock was set back.
        is_usable = last is not None and last <= now
        due = last + timedelta(hours=wanted.interval_hours) if last and is_usable else now
        return due if failed_at is None else max(due, failed_at + _AFTER_FAILURE)

    async def make(self) -> Message:
        """Make a copy now, and return the result in one line.

        Raises:
            StorageUnavailableError: If the copy cannot be made.
            StorageCorruptError: If the database is damaged.
        """
        keep = self._config.value.backup.database.keep
        is_made = await self._storage.make_copy(at=self._clock.now(), keep=keep)
        return Message("task_copied" if is_made else "task_not_copied")
