"""Publish events of other processes on the same database on this process's bus."""

import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import timedelta
from typing import Final, TypeAlias

import anyio
import attrs

from aniworld_core.application.downloads import events_between
from aniworld_core.application.library import OtherScans
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.downloads import DownloadItem, DownloadStatus, Progress
from aniworld_core.domain.identity import FolderName, ItemId, SeriesKey, WorkerId
from aniworld_core.errors import (
    ItemNotFoundError,
    StorageUnavailableError,
    SubscriberLaggedError,
)
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadProgressed,
    DownloadStarted,
    Event,
    ItemQueued,
    ItemRemoved,
    ItemRequeued,
    SeriesAdded,
    SeriesRemoved,
)
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository

logger = logging.getLogger(__name__)

#: Seconds between two checks of the database; a check without changes takes microseconds.
LOOK_EVERY: Final = timedelta(seconds=0.5)
_COMPONENT: Final = "the watch on other processes"
_BUFFER: Final = 4096
_OWN: Final[tuple[type[Event], ...]] = (
    ItemQueued,
    ItemRequeued,
    ItemRemoved,
    DownloadStarted,
    DownloadCompleted,
    DownloadFailed,
    SeriesAdded,
    SeriesRemoved,
)
#: Revision and status of an item; `None` when it is gone.
_Mark: TypeAlias = tuple[int, DownloadStatus] | None


@attrs.define(eq=False, kw_only=True)
class OtherProcesses:
    """Compare stored state with the events of this process and publish the difference.

    A change belongs to another process if this process published no event about it within one
    interval. So nothing is stored about who changed what, and every storage adapter works.
    """

    _queue: QueueRepository
    _series: SeriesRepository
    _scans: OtherScans
    _bus: ProgressBus
    _clock: Clock
    _outage: StorageOutage
    _worker: WorkerId
    _every: timedelta = LOOK_EVERY
    _revision: str = attrs.field(default="", init=False)
    _seen: dict[ItemId, _Mark] = attrs.field(factory=dict, init=False)
    _suspects: dict[ItemId, _Mark] = attrs.field(factory=dict, init=False)
    #: Last published revision of each item; `None` for a removal.
    _announced: dict[ItemId, int | None] = attrs.field(factory=dict, init=False)
    _folders: dict[SeriesKey, FolderName] = attrs.field(factory=dict, init=False)
    _odd_series: frozenset[SeriesKey] = attrs.field(default=frozenset(), init=False)
    _progress: dict[ItemId, Progress] = attrs.field(factory=dict, init=False)

    async def run(self) -> None:
        """Check for changes until cancelled."""
        async with (
            self._bus.subscribe(*_OWN, buffer=_BUFFER) as events,
            anyio.create_task_group() as tasks,
        ):
            await self._begin()
            tasks.start_soon(self._note_own, events)
            while True:
                # Real seconds, because pages are watched in real time.
                await anyio.sleep(self._every.total_seconds())
                await self._look_safely()

    async def _begin(self) -> None:
        """Treat the stored state as known."""
        try:
            self._seen = dict(await self._queue.marks())
            self._folders = dict(await self._series.folders())
            await self._scans.begin()
        except StorageUnavailableError as error:
            self._outage.failed(_COMPONENT, error)

    async def _note_own(self, events: AsyncIterator[Event]) -> None:
        while True:
            try:
                async for event in events:
                    self._take(event)
            except SubscriberLaggedError:
                continue  # at worst an event of this process is published twice
            return

    def _take(self, event: Event) -> None:
        match event:
            case (
                ItemQueued()
                | ItemRequeued()
                | DownloadStarted()
                | DownloadCompleted()
                | DownloadFailed()
            ):
                self._announced[event.item.id] = event.item.revision
            case ItemRemoved():
                self._announced[event.item_id] = None
            case SeriesAdded():
                self._folders[event.key] = event.folder
            case SeriesRemoved():
                self._folders.pop(event.key, None)
            case _:
                pass

    async def _look_safely(self) -> None:
        try:
            await self.look()
        except StorageUnavailableError as error:
            self._outage.failed(_COMPONENT, error)
        else:
            self._outage.recovered(_COMPONENT)

    async def look(self) -> None:
        """Publish the changes since the last check.

        Raises:
            StorageUnavailableError: If the database cannot be used.
        """
        revision = f"{await self._queue.revision()} {await self._series.revision()}"
        await self._scans.look(is_changed=revision != self._revision)
        if revision == self._revision and not self._suspects and not self._odd_series:
            return
        marks = await self._queue.marks()
        folders = await self._series.folders()
        self._revision = revision
        await self._compare_series(folders)
        await self._compare_items(marks)
        await self._compare_progress(marks)

    async def _compare_series(self, current: Mapping[SeriesKey, FolderName]) -> None:
        odd = frozenset(current.keys() ^ self._folders.keys())
        for key in odd & self._odd_series:
            now = self._clock.now()
            if key in current:
                await self._bus.publish(SeriesAdded(key=key, folder=current[key], at=now))
            else:
                folder = self._folders[key]
                await self._bus.publish(SeriesRemoved(key=key, folder=folder, at=now))
        settled = odd & self._odd_series
        self._odd_series = odd - settled
        self._folders = {
            **{k: f for k, f in current.items() if k not in self._odd_series},
            **{k: self._folders[k] for k in self._odd_series if k in self._folders},
        }

    async def _compare_items(self, marks: Mapping[ItemId, tuple[int, DownloadStatus]]) -> None:
        suspects: dict[ItemId, _Mark] = {}
        for item_id in self._changed(marks):
            mark = marks.get(item_id)
            if self._is_announced(item_id, mark):
                self._settle(item_id, mark)
            elif item_id not in self._suspects:
                suspects[item_id] = (
                    mark  # may be a change of this process that is about to be published
                )
            else:
                await self._publish(item_id, mark)
                self._settle(item_id, mark)
        self._suspects = suspects

    def _changed(self, marks: Mapping[ItemId, tuple[int, DownloadStatus]]) -> Iterable[ItemId]:
        gone = self._seen.keys() - marks.keys()
        return [*gone, *(i for i, mark in marks.items() if self._seen.get(i) != mark)]

    def _is_announced(self, item_id: ItemId, mark: _Mark) -> bool:
        if item_id not in self._announced:
            return False
        announced = self._announced[item_id]
        if mark is None or announced is None:
            return mark is None and announced is None
        return announced >= mark[0]

    def _settle(self, item_id: ItemId, mark: _Mark) -> None:
        if mark is None:
            self._seen.pop(item_id, None)
            self._announced.pop(item_id, None)
        else:
            self._seen[item_id] = mark

    async def _publish(self, item_id: ItemId, mark: _Mark) -> None:
        now = self._clock.now()
        before = self._seen.get(item_id)
        if mark is None:
            await self._bus.publish(ItemRemoved(item_id=item_id, at=now))
            return
        try:
            item = await self._queue.get(item_id)
        except ItemNotFoundError:
            return  # the next check finds it
        if item.claim is not None and item.claim.worker == self._worker:
            return
        folder = self._folders.get(item.episode.series_key, FolderName(""))
        for event in events_between(before and before[1], item, folder, now):
            await self._bus.publish(event)

    async def _compare_progress(self, marks: Mapping[ItemId, tuple[int, DownloadStatus]]) -> None:
        progress: dict[ItemId, Progress] = {}
        if any(status is DownloadStatus.DOWNLOADING for _, status in marks.values()):
            for item in await self._queue.find(statuses={DownloadStatus.DOWNLOADING}):
                is_told = self._seen.get(item.id) == marks.get(item.id)
                if is_told and item.claim is not None and item.claim.worker != self._worker:
                    progress[item.id] = item.progress
                    if self._progress.get(item.id) != item.progress:
                        await self._bus.publish(self._progressed(item))
        self._progress = progress

    def _progressed(self, item: DownloadItem) -> DownloadProgressed:
        return DownloadProgressed(
            item_id=item.id,
            key=item.episode.series_key,
            folder=self._folders.get(item.episode.series_key, FolderName("")),
            season=item.episode.season,
            episode=item.episode.number,
            progress=item.progress,
            at=self._clock.now(),
        )
