"""Follow other processes on the same database and configuration."""

import itertools
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import anyio
import attrs

from aniworld_core.application.automation.process_link import LinkReader
from aniworld_core.application.configuration import ConfigEditor
from aniworld_core.application.downloads import events_between
from aniworld_core.application.library import OtherScans
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.downloads import (
    HELD_STATUSES,
    DownloadItem,
    DownloadStatus,
    Progress,
    QueueChanges,
)
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
    QueueReloaded,
    SeriesAdded,
    SeriesRemoved,
)
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.process_link import Topic
from aniworld_core.ports.storage import Storage

logger: logging.Logger = logging.getLogger(__name__)

#: Seconds between two checks of the database; a check without changes takes microseconds.
LOOK_EVERY: Final = timedelta(seconds=0.5)
#: Checks after which the configuration is checked, too, which takes a thread.
_CONFIG_EVERY: Final = 2
#: Time from the notice of a change to the check, so that several changes need one check.
LOOK_AFTER: Final = timedelta(seconds=0.05)
#: Time in which an event of this process arrives after its change, if there is a link.
OWN_AFTER: Final = timedelta(seconds=0.25)
#: Time for which progress that was received counts as newer than stored progress.
_PROGRESS_AGE: Final = timedelta(seconds=3)
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


@attrs.define(eq=False, kw_only=True)
class OtherProcesses:
    """Publish changes of other processes, read from the change log of the storage.

    A configuration that another process has stored is put in force.

    A change that this process has not announced within one interval is that of another process. So
    the log need not contain the author of a change, and every storage adapter works.

    A storage of several machines has a link: its notices make the next check follow at once, and
    carry progress, which is stored only once a second.
    """

    _storage: Storage
    _config: ConfigEditor
    _scans: OtherScans
    _bus: ProgressBus
    _clock: Clock
    _outage: StorageOutage
    _worker: WorkerId
    _changed: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    _on_access: list[Callable[[], None]] = attrs.field(factory=list, init=False)
    _revision: str = attrs.field(default="", init=False)
    #: Number of the last change that was read; `None` before the first read.
    _sequence: int | None = attrs.field(default=None, init=False)
    #: Former status of items that changed recently and were not announced by this process.
    _suspects: dict[ItemId, DownloadStatus | None] = attrs.field(factory=dict, init=False)
    #: Revision of each item as announced by this process since the last check; `None` for a
    #: removal.
    _announced: dict[ItemId, int | None] = attrs.field(factory=dict, init=False)
    _folders: dict[SeriesKey, FolderName] = attrs.field(factory=dict, init=False)
    _odd_series: frozenset[SeriesKey] = attrs.field(default=frozenset(), init=False)
    _progress: dict[ItemId, Progress] = attrs.field(factory=dict, init=False)
    #: When progress of an item was last received by the link.
    _received: dict[ItemId, datetime] = attrs.field(factory=dict, init=False)

    def listen_to_access(self, call: Callable[[], None]) -> None:
        """Call *call* when another machine may have ended a session or changed an account or key.

        Without a link nothing is called.
        """
        self._on_access.append(call)

    async def run(self) -> None:
        """Check for changes until cancelled."""
        async with (
            self._bus.subscribe(*_OWN, buffer=_BUFFER) as events,
            anyio.create_task_group() as tasks,
        ):
            await self._begin()
            looks = itertools.count()
            tasks.start_soon(self._note_own, events)
            if (link := self._storage.link) is not None:
                reader = LinkReader(
                    link=link, on_progress=self._receive, on_change=self._take_notice
                )
                tasks.start_soon(reader.run)
            while True:
                # Real seconds, because pages are watched in real time.
                is_waiting = link is not None and bool(self._suspects or self._odd_series)
                with anyio.move_on_after((OWN_AFTER if is_waiting else LOOK_EVERY).total_seconds()):
                    await self._changed.wait()
                    await anyio.sleep((OWN_AFTER if is_waiting else LOOK_AFTER).total_seconds())
                self._changed = anyio.Event()
                await self._look_safely(with_config=next(looks) % _CONFIG_EVERY == 0)

    def _take_notice(self, topic: Topic) -> None:
        if topic in {Topic.ACCESS, Topic.GAP}:
            for call in self._on_access:
                call()
        self._changed.set()

    async def _receive(self, event: DownloadProgressed) -> None:
        self._received[event.item_id] = self._clock.now()
        await self._bus.publish(event)

    async def _begin(self) -> None:
        """Treat the stored state as known."""
        try:
            self._sequence = (await self._storage.queue.changes_since(None)).sequence
            self._folders = dict(await self._storage.series.folders())
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

    async def _look_safely(self, *, with_config: bool = True) -> None:
        try:
            await self.look(with_config=with_config)
        except StorageUnavailableError as error:
            self._outage.failed(_COMPONENT, error)
        else:
            self._outage.recovered(_COMPONENT)

    async def look(self, *, with_config: bool = True) -> None:
        """Publish the changes since the last check.

        Args:
            with_config: Whether to put a changed configuration in force, too.

        Raises:
            StorageUnavailableError: If the database cannot be used.
        """
        if with_config:
            await self._config.follow()
        revision = f"{await self._storage.queue.revision()} {await self._storage.series.revision()}"
        await self._scans.look(is_changed=revision != self._revision)
        if revision == self._revision and not self._suspects and not self._odd_series:
            return
        announced = dict(self._announced)
        changed = await self._storage.queue.changes_since(self._sequence)
        folders = await self._storage.series.folders()
        self._revision, self._sequence = revision, changed.sequence
        await self._compare_series(folders)
        await self._compare_items(changed, announced)
        await self._compare_progress()

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

    async def _compare_items(
        self, changed: QueueChanges, announced: Mapping[ItemId, int | None]
    ) -> None:
        suspects, self._suspects = self._suspects, {}
        if changed.is_complete:
            for change in changed.changes:
                is_ours = self._is_announced(change.item_id, change.item)
                if change.item_id not in suspects and not is_ours:
                    # Possibly a change of this process whose event has not arrived yet.
                    self._suspects[change.item_id] = change.before
            for item_id, before in suspects.items():
                await self._publish(item_id, before)
        else:
            await self._bus.publish(QueueReloaded(at=self._clock.now()))
        for item_id, item_revision in announced.items():
            # Discarded after the check: they cannot belong to later changes.
            if item_id not in self._suspects and self._announced.get(item_id) == item_revision:
                del self._announced[item_id]

    def _is_announced(self, item_id: ItemId, item: DownloadItem | None) -> bool:
        if item_id not in self._announced:
            return False
        revision = self._announced[item_id]
        if item is None or revision is None:
            return item is None and revision is None
        return revision >= item.revision

    async def _publish(self, item_id: ItemId, before: DownloadStatus | None) -> None:
        now = self._clock.now()
        try:
            item = await self._storage.queue.get(item_id)
        except ItemNotFoundError:
            if not self._is_announced(item_id, None):
                await self._bus.publish(ItemRemoved(item_id=item_id, at=now))
            return
        is_own = item.claim is not None and item.claim.worker == self._worker
        if is_own or self._is_announced(item_id, item):
            return
        folder = self._folders.get(item.episode.series_key, FolderName(""))
        for event in events_between(before, item, folder, now):
            await self._bus.publish(event)

    async def _compare_progress(self) -> None:
        progress: dict[ItemId, Progress] = {}
        since = self._clock.now() - _PROGRESS_AGE
        self._received = {each: at for each, at in self._received.items() if at > since}
        for item in await self._storage.queue.find(statuses=HELD_STATUSES):
            is_own = item.claim is None or item.claim.worker == self._worker
            if is_own or item.id in self._suspects:
                continue
            progress[item.id] = item.progress
            if self._progress.get(item.id) != item.progress and item.id not in self._received:
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
