"""Current state of queue and scan, which a client gets when it joins a room."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import attrs

from aniworld_core.application.downloads import WorkerView, counts_by_name
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.downloads import DownloadStatus, QueueEntry, WorkerState
from aniworld_core.domain.identity import FolderName, ItemId
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadProgressed,
    Event,
    ItemRemoved,
    ItemRequeued,
    QueueReloaded,
    ScanCompleted,
    ScanFailed,
    ScanProgressed,
    ScanStarted,
    SeriesAdded,
    SeriesRemoved,
)
from aniworld_http.websocket.messages import (
    Message,
    job_message,
    progress_message,
    queue_message,
    scan_message,
)


@attrs.define(eq=False)
class LiveState:
    """Follow the events of the bus, and read the rest from the database.

    Args:
        application: The application of the server.
        worker_state: Returns the state of the queue's worker, as in REST.
    """

    _application: Application
    _worker_state: Callable[[], WorkerState]
    _newest: dict[ItemId, DownloadProgressed] = attrs.field(factory=dict, init=False)
    _scan: ScanProgressed | ScanStarted | None = attrs.field(default=None, init=False)
    _scan_status: str = attrs.field(default="idle", init=False)
    #: Series that were added to the library or removed from it since the start.
    _library_changes: int = attrs.field(default=0, init=False)
    #: How often more items changed at once than events can tell.
    _queue_reloads: int = attrs.field(default=0, init=False)

    def follow(self, event: Event) -> None:
        """Update the state by an event."""
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
            case QueueReloaded():
                self._newest.clear()
                self._queue_reloads += 1
            case _:
                pass

    def lagged(self) -> None:
        """Discard the state built from events, because events were missed."""
        self._newest.clear()
        self._library_changes += 1
        self._queue_reloads += 1
        if self._application.scanner.running is None and self._scan_status == "running":
            self._scan_status = "completed"

    async def snapshot(self) -> Sequence[Message]:
        """Return the current state of every room, for a new client.

        Raises:
            StorageUnavailableError: If the database cannot be used.
        """
        counts = await self._application.queue_reader.counts()
        entries = await self._application.queue_reader.held()
        jobs = await self._application.storage.jobs.unfinished()
        # Nothing is awaited from here on, so every later event is newer than this snapshot.
        now = self._application.clock.now()
        moving = [self._newest.get(entry.item.id) or _progressed(entry, now) for entry in entries]
        return [
            self._message(entries, counts),
            *(progress_message(each) for each in moving),
            scan_message(self._scan_status, self._scan, now),
            *(job_message(job, now) for job in jobs),
        ]

    async def queue(self) -> Message:
        """Return the current state of the queue.

        Raises:
            StorageUnavailableError: If the database cannot be used.
        """
        counts = await self._application.queue_reader.counts()
        entries = await self._application.queue_reader.held()
        # Drop the progress of items that another process has taken over.
        active = {entry.item.id for entry in entries}
        self._newest = {i: event for i, event in self._newest.items() if i in active}
        return self._message(entries, counts)

    def _message(
        self, entries: Sequence[QueueEntry], counts: Mapping[DownloadStatus, int]
    ) -> Message:
        worker = WorkerView.of(self._worker_state())
        state = {
            **attrs.asdict(worker, recurse=False),
            "waiting_for": None if worker.waiting_for is None else str(worker.waiting_for),
            "library_changes": self._library_changes,
            "queue_reloads": self._queue_reloads,
        }
        # Named as in REST, which has more fields.
        numbers = {"total_items": sum(counts.values()), **counts_by_name(counts)}
        views = self._application.queue_reader.views(entries)
        return queue_message(state, views, numbers, self._application.clock.now())


def _progressed(entry: QueueEntry, at: datetime) -> DownloadProgressed:
    """Return the stored progress of an item as an event."""
    item = entry.item
    return DownloadProgressed(
        item_id=item.id,
        key=item.episode.series_key,
        folder=entry.series.folder if entry.series else FolderName(""),
        season=item.episode.season,
        episode=item.episode.number,
        progress=item.progress,
        at=at,
    )
