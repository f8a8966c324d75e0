"""How everything stands at the moment: what a client gets when it joins a room."""

from collections.abc import Callable, Sequence

import attrs

from aniworld_core.application.downloads import DownloadItemView
from aniworld_core.bootstrap.application import Application
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import DownloadItem, DownloadStatus
from aniworld_core.domain.identity import FolderName, ItemId, SeriesKey
from aniworld_core.errors import SeriesNotFoundError
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadProgressed,
    Event,
    ItemRemoved,
    ItemRequeued,
    ScanCompleted,
    ScanFailed,
    ScanProgressed,
    ScanStarted,
    SeriesAdded,
    SeriesRemoved,
)
from aniworld_core.messages import kind_of, values_of
from aniworld_http.websocket.messages import (
    Message,
    progress_message,
    queue_message,
    scan_message,
)


@attrs.define(eq=False)
class LiveState:
    """Follows the events and asks the database for the rest.

    Args:
        application: Whose state it is.
        is_running: Whether the queue is worked, as REST tells it.
    """

    _application: Application
    _is_running: Callable[[], bool]
    _newest: dict[ItemId, DownloadProgressed] = attrs.field(factory=dict, init=False)
    _scan: ScanProgressed | ScanStarted | None = attrs.field(default=None, init=False)
    _scan_status: str = attrs.field(default="idle", init=False)
    #: Series that were added to the library or removed from it since the start.
    _library_changes: int = attrs.field(default=0, init=False)

    def follow(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case DownloadProgressed():
                self._newest[event.item_id] = event
            case DownloadCompleted() | DownloadFailed() | ItemRequeued():
                self._newest.pop(event.item.id, None)
            case ItemRemoved():
                self._newest.pop(event.item_id, None)
            case ScanStarted() | ScanProgressed():
                self._scan, self._scan_status = event, "running"
            case ScanCompleted():
                self._scan_status = "completed"
            case ScanFailed():
                self._scan_status = "failed"
            case SeriesAdded() | SeriesRemoved():
                self._library_changes += 1
            case _:
                pass

    def lagged(self) -> None:
        """Distrust what was noted: events were missed."""
        self._newest.clear()
        self._library_changes += 1
        if self._application.scanner.running is None and self._scan_status == "running":
            self._scan_status = "completed"

    async def snapshot(self) -> Sequence[Message]:
        """Return everything that could be told to somebody new.

        Raises:
            StorageUnavailableError: If the database cannot be used.
        """
        items, views = await self._active()
        queue = await self._queue(views)
        # From here on nothing is waited for: what is noted meanwhile comes after this snapshot.
        now = self._application.clock.now()
        moving = [
            self._newest.get(
                item.id,
                DownloadProgressed(
                    item_id=item.id,
                    key=item.episode.series_key,
                    folder=FolderName(view.serie_folder),
                    season=item.episode.season,
                    episode=item.episode.number,
                    progress=item.progress,
                    at=now,
                ),
            )
            for item, view in zip(items, views, strict=True)
        ]
        return [
            queue,
            *(progress_message(each) for each in moving),
            scan_message(self._scan_status, self._scan, now),
        ]

    async def queue(self) -> Message:
        """Return how the queue stands.

        Raises:
            StorageUnavailableError: If the database cannot be used.
        """
        items, views = await self._active()
        # An item that another process took over is no longer ours to tell about.
        active = {item.id for item in items}
        self._newest = {i: event for i, event in self._newest.items() if i in active}
        return await self._queue(views)

    async def _active(self) -> tuple[Sequence[DownloadItem], Sequence[DownloadItemView]]:
        storage = self._application.storage
        items = await storage.queue.find(statuses={DownloadStatus.DOWNLOADING})
        known: dict[SeriesKey, Series | None] = {}
        for key in {item.episode.series_key for item in items}:
            try:
                known[key] = await storage.series.get(key)
            except SeriesNotFoundError:
                known[key] = None  # removed while an episode is on its way
        wanted = self._application.current_config.value.languages.order[0]
        return items, [DownloadItemView.of(i, known[i.episode.series_key], wanted) for i in items]

    async def _queue(self, active: Sequence[DownloadItemView]) -> Message:
        counts = await self._application.storage.queue.counts()
        worker = self._application.worker
        is_running = self._is_running()
        waiting_for = worker.waiting_for if is_running else None
        state = {
            "is_running": is_running,
            "is_paused": worker.is_paused,
            "waiting_for": None if waiting_for is None else str(waiting_for),
            "waiting_kind": kind_of(waiting_for),
            "waiting_values": values_of(waiting_for),
            "library_changes": self._library_changes,
        }
        # Named as in REST, which has more of them.
        numbers = {
            "total_items": sum(counts.values()),
            "pending_count": counts[DownloadStatus.PENDING],
            "active_count": counts[DownloadStatus.DOWNLOADING],
            "completed_count": counts[DownloadStatus.COMPLETED],
            "failed_count": counts[DownloadStatus.FAILED],
        }
        return queue_message(state, active, numbers, self._application.clock.now())
