"""Entries of the history about events."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import anyio.lowlevel
import attrs

from aniworld_core.application.actors import current_actor
from aniworld_core.domain.automation import Actor, ActorKind, HistoryEntry, HistoryKind
from aniworld_core.domain.downloads import DownloadItem, JobKind
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    Event,
    ItemQueued,
    JobStarted,
    LibraryChangeStarted,
    SeriesAdded,
    SeriesRemoved,
)
from aniworld_core.messages import Message
from aniworld_core.ports.series import SeriesRepository

#: Events between two turns of other tasks.
_AT_ONCE: Final = 500
#: Names of series in memory.
_MOST_NAMES: Final = 256
#: What an entry about a bulk job says.
_BULK_TEXTS: Final = {
    JobKind.DOWNLOAD: "bulk_download",
    JobKind.EDIT: "bulk_edit",
    JobKind.REMOVE: "bulk_remove",
}


@attrs.define(eq=False)
class EventEntries:
    """Builds entries and keeps the names of series for them."""

    _series: SeriesRepository
    _names: OrderedDict[SeriesKey, str] = attrs.field(factory=OrderedDict, init=False)

    async def about(self, events: Sequence[Event]) -> Sequence[HistoryEntry]:
        """Return the entries about events of this task's actor; some events have none."""
        kind, name = current_actor()
        by = Actor(ActorKind(kind), name)
        entries: list[HistoryEntry] = []
        for number, event in enumerate(events, start=1):
            if (entry := await self._entry(event, by)) is not None:
                entries.append(entry)
            if number % _AT_ONCE == 0:
                await anyio.lowlevel.checkpoint()
        return entries

    async def _entry(self, event: Event, by: Actor) -> HistoryEntry | None:
        """Return the entry about an event; `None` for events without one."""
        match event:
            case SeriesAdded(key=key, folder=folder):
                return HistoryEntry(
                    kind=HistoryKind.ADDED,
                    at=event.at,
                    by=by,
                    title=await self._name(key) or folder,
                    key=key,
                )
            case SeriesRemoved(key=key, folder=folder):
                title = self._names.pop(key, folder)
                return HistoryEntry(
                    kind=HistoryKind.REMOVED, at=event.at, by=by, title=title, key=key
                )
            case LibraryChangeStarted(change_id=change_id, origin=origin, title=title):
                return HistoryEntry(
                    kind=HistoryKind.CHANGED,
                    at=event.at,
                    by=by,
                    title=title,
                    change_id=change_id,
                    change_origin=origin.value,
                )
            case JobStarted(job=job):
                return HistoryEntry(
                    kind=HistoryKind.BULK,
                    at=event.at,
                    by=by,
                    title=job.action.kind.value,
                    detail=Message(_BULK_TEXTS[job.action.kind], series=job.total),
                    job_id=job.id,
                )
            case ItemQueued(item=item) | DownloadCompleted(item=item) | DownloadFailed(item=item):
                key = item.episode.series_key
                return _entry_of_item(event, item, by, await self._name(key) or key)
            case _:
                return None

    async def _name(self, key: SeriesKey) -> str:
        """Return the name of a series; empty if it is not in the library any more."""
        if key not in self._names:
            found = await self._series.get_many([key])
            if not found:
                return ""
            self._names[key] = found[0].name
            if len(self._names) > _MOST_NAMES:
                self._names.popitem(last=False)
        self._names.move_to_end(key)
        return self._names[key]


def _entry_of_item(
    event: ItemQueued | DownloadCompleted | DownloadFailed,
    item: DownloadItem,
    by: Actor,
    title: str,
) -> HistoryEntry:
    episode = item.episode
    entry = HistoryEntry(
        kind=HistoryKind.QUEUED,
        at=event.at,
        by=by,
        title=title,
        key=episode.series_key,
        season=episode.season,
        number=episode.number,
        detail=item.reason or "",
    )
    # The person or schedule that started the worker did not ask for this episode.
    worker = Actor(ActorKind.PROGRAM)
    match event:
        case ItemQueued():
            return entry
        case DownloadCompleted():
            return attrs.evolve(
                entry,
                by=worker,
                kind=HistoryKind.UPGRADED if item.replaces else HistoryKind.COMPLETED,
                detail=_source(item),
                file=item.file,
            )
        case DownloadFailed():
            failure = item.failure
            return attrs.evolve(
                entry,
                by=worker,
                kind=HistoryKind.FAILED,
                detail="" if failure is None else failure.to_message(),
            )


def _source(item: DownloadItem) -> str:
    """Return from where an episode came; empty if its file was in the library already."""
    if not item.hoster:
        return ""
    languages = [item.language.code] if item.language else []
    return Message("history_source", hoster=item.hoster, file_languages=languages)
