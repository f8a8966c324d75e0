"""The work of removal jobs: remove series from the library."""

from collections.abc import Mapping
from typing import Any

import attrs

from aniworld_core.application.downloads.bulk.work import (
    SeriesWork,
    WorkResult,
    places,
    selections,
)
from aniworld_core.application.downloads.queue.download_queue import DownloadQueue
from aniworld_core.application.downloads.queue.episode_selection import EpisodeRequest
from aniworld_core.application.downloads.removal import LibraryActions
from aniworld_core.application.library import LibraryChanges
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import OPEN_STATUSES, JobAction
from aniworld_core.domain.identity import ChangeId, SeriesKey
from aniworld_core.domain.library import LibraryChange
from aniworld_core.events import SeriesAdded
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository


@attrs.define(eq=False, kw_only=True)
class RemovalWork(SeriesWork):
    """Removes a series; undo returns it with its files and its open items of the queue."""

    _series: SeriesRepository
    _items: QueueRepository
    _queue: DownloadQueue
    _actions: LibraryActions
    _changes: LibraryChanges
    _bus: ProgressBus
    _clock: Clock

    async def note(self, series: Series, action: JobAction) -> Mapping[str, Any]:
        """Return the open items of the series."""
        held = await self._items.find(statuses=OPEN_STATUSES, series_key=series.key)
        return {"open": places(item.episode for item in held), "files": action.files}

    async def apply(self, series: Series, action: JobAction, note: Mapping[str, Any]) -> WorkResult:
        """Remove the series."""
        change = await self._actions.remove(series.key, files=action.files)
        if change is None:
            return WorkResult(changed=True, note=note)
        return WorkResult(changed=True, note=_with(note, change))

    async def apply_to_gone(self, key: SeriesKey, note: Mapping[str, Any]) -> WorkResult:
        """Return the removal that was completed before or after the crash."""
        change = await self._changes.removal_of(key) if note["files"] else None
        return WorkResult(changed=True, note=note if change is None else _with(note, change))

    async def undo(self, key: SeriesKey, note: Mapping[str, Any], *, again: bool) -> bool:
        """Return the series, its folder and its open items."""
        is_there = bool(await self._series.get_many([key]))
        if is_there and not again:
            return False  # somebody has added it again
        if not is_there and "change" in note:
            await self._changes.undo(ChangeId(note["change"]))
        elif not is_there:
            await self._series.restore(key)
        restored = await self._series.get(key)
        now = self._clock.now()
        await self._bus.publish(SeriesAdded(key=key, folder=restored.folder, at=now))
        if note["open"]:
            request = EpisodeRequest(selections=selections(note["open"]), missing_only=True)
            await self._queue.submit(restored, request)
        return True


def _with(note: Mapping[str, Any], change: LibraryChange) -> Mapping[str, Any]:
    return {**note, "change": change.id}
