"""Add missing episodes of monitored series to the queue."""

from typing import Final

import attrs

from aniworld_core.application.downloads import DownloadQueue, EpisodeRequest, Upgrades
from aniworld_core.domain.catalogue import missing_episodes
from aniworld_core.domain.downloads import DownloadItem
from aniworld_core.domain.identity import EpisodeSelection, ItemId
from aniworld_core.errors import (
    IllegalTransitionError,
    NotFoundError,
    NotYetAvailableError,
    StaleItemError,
)
from aniworld_core.ports.series import SeriesRepository

_NOT_YET: Final = NotYetAvailableError("", (), ()).kind


@attrs.define(eq=False, kw_only=True)
class MissingEpisodes:
    """Add missing and upgradable episodes of monitored series to the queue."""

    _queue: DownloadQueue
    _series: SeriesRepository
    _upgrades: Upgrades

    async def queue_all(self) -> int:
        """Add the missing episodes of every monitored series to the queue.

        Episodes with a failed download are left out, because they would fail at every scan.
        Episodes that were not available yet are added again.

        Returns:
            Number of new items.
        """
        failed = {item.episode: item for item in await self._queue.failed()}
        queued = 0
        for series in await self._series.find(missing_only=True):
            if not series.monitored:
                continue
            missing = missing_episodes(series)
            wanted = [
                EpisodeSelection(e.season, e.number, e.number) for e in missing if e not in failed
            ]
            if wanted:
                request = EpisodeRequest(selections=tuple(wanted), missing_only=True)
                queued += len((await self._queue.submit(series.key, request)).items)
            for episode in missing:
                if episode in failed and _is_waited_for(failed[episode]):
                    queued += await self._retried(failed[episode].id)
        return queued

    async def queue_upgrades(self) -> int:
        """Add the episodes that now exist in a better language; see `Upgrades.queue_available`."""
        return await self._upgrades.queue_available()

    async def _retried(self, item_id: ItemId) -> int:
        try:
            return len(await self._queue.retry([item_id]))
        except (NotFoundError, IllegalTransitionError, StaleItemError):
            return 0  # the item changed in the meantime


def _is_waited_for(item: DownloadItem) -> bool:
    return item.failure is not None and item.failure.kind == _NOT_YET
