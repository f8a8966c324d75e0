"""The work of download jobs: queue missing episodes."""

from collections.abc import Mapping
from typing import Any, Final

import attrs

from aniworld_core.application.downloads.bulk.work import SeriesWork, WorkResult
from aniworld_core.application.downloads.queue.download_queue import DownloadQueue, Submission
from aniworld_core.application.downloads.queue.episode_selection import EpisodeRequest
from aniworld_core.application.downloads.removal import ItemRemoval
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import DownloadStatus, JobAction
from aniworld_core.domain.identity import EpisodeRef, ItemId, SeriesKey
from aniworld_core.ports.queue import QueueRepository

_MISSING: Final = EpisodeRequest(missing_only=True)


@attrs.define(eq=False, kw_only=True)
class DownloadWork(SeriesWork):
    """Queues the missing episodes of a series; undo removes those that no worker has begun."""

    _queue: DownloadQueue
    _items: QueueRepository
    _removal: ItemRemoval

    async def note(self, series: Series, action: JobAction) -> Mapping[str, Any]:
        """Return the ids and places of the items that will be queued."""
        if action.monitored_only and not series.monitored:
            return {"items": {}}
        plan = await self._queue.preview(series, _MISSING)
        return {"items": {i.id: [i.episode.season, i.episode.number] for i in plan.items}}

    async def apply(self, series: Series, action: JobAction, note: Mapping[str, Any]) -> WorkResult:
        """Queue the missing episodes under the noted ids."""
        noted: Mapping[ItemId, list[int]] = note["items"]
        queued = await self._items.entries(noted)
        if not queued:  # otherwise they were queued before a crash
            queued = (await self._queue.add(await self._planned(series, noted))).entries
        items = {entry.item.id: noted[entry.item.id] for entry in queued}
        return WorkResult(changed=bool(items), note={"items": items}, episodes=len(items))

    async def undo(self, key: SeriesKey, note: Mapping[str, Any], *, again: bool) -> bool:
        """Remove the items that wait."""
        entries = await self._items.entries(note["items"])
        waiting = [e.item.id for e in entries if e.item.status is DownloadStatus.PENDING]
        return bool(await self._removal.discard(waiting)) if waiting else False

    async def _planned(self, series: Series, noted: Mapping[ItemId, list[int]]) -> Submission:
        """Return what of the noted items is still to queue."""
        if not noted:
            return Submission()
        ids = {EpisodeRef(series.key, season, number): i for i, (season, number) in noted.items()}
        plan = await self._queue.preview(series, _MISSING)
        entries = [
            attrs.evolve(entry, item=attrs.evolve(entry.item, id=ids[entry.item.episode]))
            for entry in plan.entries
            if entry.item.episode in ids
        ]
        return Submission(entries=tuple(entries))
