"""The work of edit jobs: change settings of series."""

from collections.abc import Mapping, Sequence
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
from aniworld_core.application.downloads.removal import (
    ItemRemoval,
    LibraryActions,
    SeriesChanges,
)
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import JobAction, with_seasons
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.media import Language, Quality
from aniworld_core.errors import ItemActiveError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository


@attrs.define(eq=False, kw_only=True)
class EditWork(SeriesWork):
    """Changes settings; undo restores those that still have the value of the job."""

    _series: SeriesRepository
    _items: QueueRepository
    _queue: DownloadQueue
    _removal: ItemRemoval
    _actions: LibraryActions
    _clock: Clock

    def check(self, action: JobAction) -> None:
        """Check that series may be in the new folder."""
        if action.parent:
            self._actions.require_folder(f"{action.parent}/_")

    async def note(self, series: Series, action: JobAction) -> Mapping[str, Any]:
        """Return the settings before and after, and the open items that will be removed."""
        target = _target(series, action)
        held = await self._items.open_items(_unwanted(series, target))
        return {
            "before": _settings(series, action),
            "after": _settings(target, action),
            "open": places(held),
        }

    async def apply(self, series: Series, action: JobAction, note: Mapping[str, Any]) -> WorkResult:
        """Change the settings."""
        target = _target(series, action)
        if target.folder != series.folder:
            await self._actions.change(series.key, SeriesChanges(folder=target.folder))
        try:
            await self._removal.discard_episodes(_unwanted(series, target))
        except ItemActiveError:
            if target.folder != series.folder:
                await self._actions.change(series.key, SeriesChanges(folder=series.folder))
            raise
        await self._save(series, attrs.evolve(target, folder=series.folder))
        return WorkResult(changed=note["before"] != note["after"], note=note)

    async def undo(self, key: SeriesKey, note: Mapping[str, Any], *, again: bool) -> bool:
        """Restore the settings, and queue the removed items again."""
        stored = await self._series.get(key)
        restored = _restored(stored, note["before"], note["after"])
        if restored.folder != stored.folder:
            await self._actions.change(key, SeriesChanges(folder=restored.folder))
        await self._save(stored, attrs.evolve(restored, folder=stored.folder))
        if note["open"]:
            request = EpisodeRequest(selections=selections(note["open"]), missing_only=True)
            await self._queue.submit(key, request)
        return again or restored != stored

    async def _save(self, before: Series, after: Series) -> None:
        """Store the differences only: others may change the series at the same time."""
        if before != after:
            changed = attrs.evolve(after, updated_at=self._clock.now())
            await self._series.save_many([(before, changed)])


def _target(series: Series, action: JobAction) -> Series:
    """Return the series as the job wants it."""
    if action.monitored is not None:
        series = attrs.evolve(series, monitored=action.monitored)
    if action.languages is not None:
        series = attrs.evolve(series, languages=action.languages or None)
    if action.quality is not None:
        series = attrs.evolve(series, quality=action.quality or None)
    if action.parent is not None:
        name = series.folder.rpartition("/")[2]
        folder = f"{action.parent}/{name}" if action.parent else name
        series = attrs.evolve(series, folder=FolderName(folder))
    if action.seasons is not None:
        series = with_seasons(series, action.seasons)
    return series


def _unwanted(before: Series, after: Series) -> Sequence[EpisodeRef]:
    """Return the episodes that are not wanted any more and have no file."""
    wanted = {(e.season, e.number) for e in after.episodes if e.wanted}
    return [
        before.ref(e)
        for e in before.episodes
        if e.wanted and not e.downloaded and (e.season, e.number) not in wanted
    ]


def _settings(series: Series, action: JobAction) -> dict[str, Any]:
    """Return the settings that the job changes, as JSON values."""
    languages, quality = series.languages, series.quality
    everything: dict[str, tuple[object, Any]] = {
        "monitored": (action.monitored, series.monitored),
        "languages": (action.languages, languages and [each.code for each in languages]),
        "quality": (action.quality, quality and quality.value),
        "folder": (action.parent, series.folder),
        "seasons": (action.seasons, list(series.unwanted_seasons)),
        "unwanted": (
            action.seasons,
            places(series.ref(e) for e in series.episodes if not e.wanted),
        ),
    }
    return {name: value for name, (new, value) in everything.items() if new is not None}


def _restored(stored: Series, before: Mapping[str, Any], after: Mapping[str, Any]) -> Series:
    """Return the series with each setting changed back that still has the value of the job."""
    if _is_ours(stored.monitored, "monitored", before, after):
        stored = attrs.evolve(stored, monitored=before["monitored"])
    codes = stored.languages and [each.code for each in stored.languages]
    if _is_ours(codes, "languages", before, after):
        former = before["languages"]
        languages = None if former is None else tuple(map(Language, former))
        stored = attrs.evolve(stored, languages=languages)
    if _is_ours(stored.quality and stored.quality.value, "quality", before, after):
        quality = before["quality"]
        stored = attrs.evolve(stored, quality=None if quality is None else Quality(quality))
    if _is_ours(stored.folder, "folder", before, after):
        stored = attrs.evolve(stored, folder=FolderName(before["folder"]))
    if _is_ours(list(stored.unwanted_seasons), "seasons", before, after):
        stored = attrs.evolve(stored, unwanted_seasons=tuple(before["seasons"]))
    return _with_former_marks(stored, before.get("unwanted", ()), after.get("unwanted", ()))


def _is_ours(
    current: object, name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> bool:
    return name in after and current == after[name] and before[name] != after[name]


def _with_former_marks(
    stored: Series, before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]
) -> Series:
    """Return the series with the episodes that the job marked, marked as before."""
    then, now = ({(season, number) for season, number in each} for each in (before, after))
    episodes = tuple(
        attrs.evolve(e, wanted=not e.wanted)
        if (place := (e.season, e.number)) in then ^ now and e.wanted is (place not in now)
        else e
        for e in stored.episodes
    )
    return attrs.evolve(stored, episodes=episodes)
