"""Conditions that stop the whole queue: the time of day and the free space."""

from datetime import datetime, timedelta

import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.configuration import Hours, parse_hours
from aniworld_core.errors import DiskFullError, NotBeforeError, UnavailableError
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import MediaLibrary


@attrs.define(eq=False, kw_only=True)
class QueueConditions:
    """Checks whether items may be started now; an unmet condition fails no item."""

    _config: CurrentConfig
    _library: MediaLibrary
    _clock: Clock

    def require_library(self) -> None:
        """Check that a library folder is set.

        Raises:
            LibraryNotSetError: If no library folder is set.
        """
        _ = self._library.root

    async def obstacle(self) -> UnavailableError | None:
        """Return why the queue has to wait, or `None` if items may be started.

        Raises:
            LibraryNotSetError: If no library folder is set.
        """
        downloads = self._config.value.downloads
        spans = [parse_hours(text) for text in downloads.hours]
        now = self._clock.now()
        if spans and not _is_within(spans, now):
            opening = next_opening(spans, now)
            return NotBeforeError(Message("outside_hours"), opening)
        try:
            free = await self._library.free_bytes()
        except UnavailableError as error:
            return error
        if free < downloads.reserve_bytes:
            return DiskFullError(str(self._library.root), downloads.reserve_bytes - free)
        return None


def next_opening(spans: list[Hours], now: datetime) -> datetime:
    """Return the next full minute inside one of the daily spans, in local time.

    Without one within a day, return the same time of the next day.
    """
    minute = now.replace(second=0, microsecond=0)
    for _ in range(24 * 60):
        minute += timedelta(minutes=1)
        if _is_within(spans, minute):
            return minute
    return minute


def _is_within(spans: list[Hours], moment: datetime) -> bool:
    local = moment.astimezone().time()
    return any(span.contains(local) for span in spans)
