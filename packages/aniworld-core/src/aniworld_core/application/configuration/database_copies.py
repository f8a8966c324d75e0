"""Copy the database at intervals while a server runs."""

import logging
from datetime import timedelta
from typing import Final

import attrs

from aniworld_core.application.configuration.current import CurrentConfig
from aniworld_core.errors import AniworldError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.storage import Storage

logger = logging.getLogger(__name__)

#: Time between two checks whether a copy is due.
TICK: Final = timedelta(minutes=1)
#: Time to wait after a failed copy.
_AFTER_FAILURE: Final = timedelta(hours=1)


@attrs.define(eq=False, kw_only=True)
class DatabaseCopies:
    """Make the database copies that `backup.database` configures."""

    _storage: Storage
    _config: CurrentConfig
    _clock: Clock

    async def run(self) -> None:
        """Check every minute whether a copy is due, and make it; run until cancelled."""
        while True:
            wait = TICK
            try:
                await self.make_if_due()
            except AniworldError as error:
                logger.warning("cannot copy the database: %s", error)
                wait = _AFTER_FAILURE
            await self._clock.sleep(wait)

    async def make_if_due(self) -> bool:
        """Make a copy if the newest one is old enough.

        Returns:
            Whether a copy was made.

        Raises:
            StorageUnavailableError: If the copy cannot be made.
            StorageCorruptError: If the database is damaged.
        """
        wanted = self._config.value.backup.database
        if not wanted.enabled:
            return False
        now = self._clock.now()
        last = await self._storage.last_copy()
        # One from the future was made before the clock was set back.
        if last is not None and timedelta() <= now - last < timedelta(hours=wanted.interval_hours):
            return False
        return await self._storage.make_copy(at=now, keep=wanted.keep)
