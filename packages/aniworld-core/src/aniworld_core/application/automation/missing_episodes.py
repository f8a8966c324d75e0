"""Add missing episodes of monitored series to the queue."""

from collections.abc import Sequence
from typing import Final

import attrs

from aniworld_core.application.downloads import DownloadQueue, EpisodeRequest
from aniworld_core.domain.catalogue import Episode, missing_episodes
from aniworld_core.domain.downloads import DownloadItem, is_upgrade
from aniworld_core.domain.identity import EpisodeSelection, ItemId
from aniworld_core.domain.media import Language
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

    async def queue_upgrades(self, order: Sequence[Language]) -> int:
        """Add episodes of monitored series that now exist in a better language.

        Only the better languages are tried, so the present file stays if all of them fail.
        Episodes with a failed download are left out.

        Args:
            order: Preferred languages, best first, for series without an order of their own.

        Returns:
            Number of new items.
        """
        failed = {item.episode for item in await self._queue.failed()}
        queued = 0
        for series in await self._series.find():
            for episode in series.episodes if series.monitored else ():
                better = better_languages(episode, series.languages or order)
                if not better or series.ref(episode) in failed:
                    continue
                selection = EpisodeSelection(episode.season, episode.number, episode.number)
                request = EpisodeRequest(selections=(selection,), again=True, languages=better)
                queued += len((await self._queue.submit(series.key, request)).items)
        return queued

    async def _retried(self, item_id: ItemId) -> int:
        try:
            return len(await self._queue.retry([item_id]))
        except (NotFoundError, IllegalTransitionError, StaleItemError):
            return 0  # the item changed in the meantime


def better_languages(episode: Episode, order: Sequence[Language]) -> tuple[Language, ...]:
    """Return the available languages that are better than that of the file."""
    if not (episode.downloaded and episode.wanted and episode.languages):
        return ()
    return tuple(
        language
        for language in order
        if language in episode.languages and is_upgrade(episode.file_language, language, order)
    )


def _is_waited_for(item: DownloadItem) -> bool:
    return item.failure is not None and item.failure.kind == _NOT_YET
