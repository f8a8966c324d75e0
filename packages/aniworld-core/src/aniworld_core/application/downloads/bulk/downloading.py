"""The work of download jobs: queue missing episodes."""

from collections.abc import Mapping
from typing import Any

import attrs

from aniworld_core.application.downloads.bulk.work import SeriesWork, WorkResult
from aniworld_core.application.downloads.queue.download_queue import DownloadQueue
from aniworld_core.application.downloads.queue.episode_selection import EpisodeRequest
from aniworld_core.application.downloads.removal import ItemRemoval
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import DownloadStatus, JobAction
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.ports.queue import QueueRepository


@attrs.define(eq=False, kw_only=True)
class DownloadWork(SeriesWork):
    """Queues the missing episodes of a series; undo removes those that no worker has begun."""

    _queue: DownloadQueue
    _items: QueueRepository
    _removal: ItemRemoval

    async def note(self, series: Series, action: JobAction) -> Mapping[str, Any]:
        """Return an empty list: the items exist after `apply` only."""
        return {"items": []}

    async def apply(self, series: Series, action: JobAction, note: Mapping[str, Any]) -> WorkResult:
        """Queue the missing episodes."""
        if action.monitored_only and not series.monitored:
            return WorkResult(changed=False, note=note)
        submission = await self._queue.submit(series, EpisodeRequest(missing_only=True))
        ids = [item.id for item in submission.items]
        return WorkResult(changed=bool(ids), note={"items": ids}, episodes=len(ids))

    async def undo(self, key: SeriesKey, note: Mapping[str, Any]) -> bool:
        """Remove the items that wait."""
        entries = await self._items.entries(note["items"])
        waiting = [e.item.id for e in entries if e.item.status is DownloadStatus.PENDING]
        return bool(await self._removal.discard(waiting)) if waiting else False
