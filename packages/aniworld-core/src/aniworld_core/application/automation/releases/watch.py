"""Check series often while something new can appear in their catalogues."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

from aniworld_core.application.automation.missing_episodes import MissingEpisodes
from aniworld_core.application.automation.releases.calendar import ReleaseCalendar
from aniworld_core.application.catalogue import Catalogue
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.library import LibraryScanner
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import AniworldError, StorageUnavailableError
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock

logger: logging.Logger = logging.getLogger(__name__)

#: Time between two looks for series of which something can appear.
LOOK_EVERY: Final = timedelta(minutes=5)
#: Time between two checks of one series.
CHECK_EVERY: Final = timedelta(minutes=20)
#: Most series checked in one look, so that catalogues get few requests at once.
MOST: Final = 20
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@attrs.define(eq=False, kw_only=True)
class ReleaseWatch:
    """Refreshes series near an expected release, and queues what appeared.

    It follows the settings of the schedule: `enabled` switches it off, and `queue_missing` decides
    whether new episodes are queued.
    """

    _calendar: ReleaseCalendar
    _catalogue: Catalogue
    _scanner: LibraryScanner
    _missing: MissingEpisodes
    _config: CurrentConfig
    _clock: Clock
    _checked: dict[SeriesKey, datetime] = attrs.field(factory=dict, init=False)

    @property
    def is_on(self) -> bool:
        """Whether the schedule is on and no scan, which reads the listings itself, is running."""
        return self._config.value.scheduler.enabled and self._scanner.running is None

    async def report(self) -> Message:
        """Check series, and return the result in one line.

        Raises:
            AniworldError: If new episodes could not be queued.
        """
        return Message("task_series_changed", count=await self.check())

    async def check(self) -> int:
        """Refresh the series that are due.

        Returns:
            Number of series whose listing changed.
        """
        near = await self._calendar.near_releases()
        self._checked = {key: at for key, at in self._checked.items() if key in near}
        # Those that wait longest come first.
        due = sorted(
            (key for key in near if self._is_due(key)),
            key=lambda key: (self._checked.get(key, _NEVER), key),
        )
        changed = 0
        for key in due[:MOST]:
            changed += await self._refreshed(key)
        if changed:
            await self._queue()
        return changed

    def _is_due(self, key: SeriesKey) -> bool:
        checked = self._checked.get(key)
        return checked is None or abs(self._clock.now() - checked) >= CHECK_EVERY

    async def _refreshed(self, key: SeriesKey) -> bool:
        self._checked[key] = self._clock.now()
        try:
            stored = await self._catalogue.get(key)
            return await self._catalogue.refresh(stored) != stored
        except StorageUnavailableError:
            raise
        except AniworldError as error:
            # The next scan reports it as well.
            logger.info("%s could not be checked for a new release: %s", key, error)
            return False

    async def _queue(self) -> None:
        config = self._config.value
        if config.scheduler.queue_missing:
            await self._missing.queue_all()
        if config.languages.upgrade:
            await self._missing.queue_upgrades()
