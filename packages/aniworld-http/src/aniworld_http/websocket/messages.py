"""Make messages of events, with the rooms that get them.

The field names are part of the interface. A message about a series has its `key` and `folder`.
"""

import enum
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

import attrs
import msgspec

from aniworld_core.application.catalogue import megabits, wire_time
from aniworld_core.application.downloads import DownloadItemView, JobView
from aniworld_core.domain.downloads import BulkJob, DownloadItem, Progress
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadProgressed,
    JobProgressed,
    JobStarted,
    ScanCompleted,
    ScanFailed,
    ScanProgressed,
    ScanStarted,
    TaskChanged,
)
from aniworld_core.messages import message_to_wire, values_to_wire
from aniworld_http.security.key_names import job_without_key_name
from aniworld_http.websocket.frames import text_frame


class Room(enum.StrEnum):
    """A room: the kind of messages that a client can join."""

    DOWNLOADS = "downloads"
    DOWNLOAD_PROGRESS = "download_progress"
    SCAN_PROGRESS = "scan_progress"
    JOBS = "jobs"


Rooms: TypeAlias = frozenset[Room]
Data: TypeAlias = Mapping[str, Any]

NOWHERE: Final[Rooms] = frozenset()
QUEUE_ROOMS: Final[Rooms] = frozenset({Room.DOWNLOADS})
PROGRESS_ROOMS: Final[Rooms] = frozenset({Room.DOWNLOADS, Room.DOWNLOAD_PROGRESS})
SCAN_ROOMS: Final[Rooms] = frozenset({Room.SCAN_PROGRESS})
JOB_ROOMS: Final[Rooms] = frozenset({Room.JOBS})


@attrs.frozen(eq=False)
class Message:
    """A message, encoded once for all clients.

    Attributes:
        rooms: The rooms that get it; none for a message to one client.
        topic: The subject whose state it has; a newer message of a topic replaces an older one.
            `None` for a message that must not be replaced.
        wire: Its frame.
    """

    rooms: Rooms
    topic: str | None
    wire: bytes = attrs.field(repr=False)


def make_message(
    kind: str, data: Data, at: datetime, *, rooms: Rooms = NOWHERE, topic: str | None = None
) -> Message:
    """Encode a message of the type *kind*."""
    envelope = {"type": kind, "timestamp": wire_time(at), "data": data}
    return Message(rooms, topic, text_frame(msgspec.json.encode(envelope)))


def progress_message(event: DownloadProgressed) -> Message:
    """Return the message about the progress of an item."""
    return make_message(
        "download_progress",
        {
            "download_id": event.item_id,
            "key": event.key,
            "folder": event.folder,
            "season": event.season,
            "episode": event.episode,
            **_progress(event.progress),
        },
        event.at,
        rooms=PROGRESS_ROOMS,
        topic=f"progress {event.item_id}",
    )


def queue_message(
    state: Data, active: Iterable[DownloadItemView], counts: Mapping[str, int], at: datetime
) -> Message:
    """Return the message about the queue.

    Args:
        state: Whether the queue runs, is paused or waits for something; and `library_changes`, a
            number that grows when series are added or removed, so that pages reload their list.
        active: The items that are being downloaded.
        counts: The number of items of each status.
        at: The time of the message.
    """
    # Both spellings of a series' key and folder: this type's own and those of REST's items.
    shown = [
        {**msgspec.to_builtins(item), "key": item.serie_id, "folder": item.serie_folder}
        for item in active
    ]
    data = {**state, "active_downloads": shown, "statistics": counts}
    return make_message("queue_status", data, at, rooms=QUEUE_ROOMS, topic="queue")


def scan_message(status: str, event: ScanProgressed | ScanStarted | None, at: datetime) -> Message:
    """Return the message about the scan; *status* is idle, running, completed or failed."""
    progress = event if isinstance(event, ScanProgressed) else None
    data = {
        "scan_id": event.scan_id if event else None,
        "status": status,
        "done": progress.done if progress else 0,
        "total": progress.total if progress else 0,
        "percent": round(100 * progress.done / max(progress.total, 1), 2) if progress else 0.0,
        "key": progress.key if progress else None,
        "folder": progress.folder if progress else None,
    }
    return make_message("scan_progress", data, at, rooms=SCAN_ROOMS, topic="scan")


def job_message(job: BulkJob, at: datetime) -> Message:
    """Return the message about a bulk job; its data is that of REST.

    Every client of the room gets the same bytes, so it has no name of an API key.
    """
    data = msgspec.to_builtins(job_without_key_name(JobView.of(job)))
    return make_message("job_progress", data, at, rooms=JOB_ROOMS, topic=f"job {job.id}")


def _completed(event: DownloadCompleted) -> Message:
    item = event.item
    data = {
        **_about(item, event.folder),
        "file": item.file,
        "language": item.language.code if item.language else None,
        "hoster": item.hoster,
        "total_bytes": item.progress.total_bytes,
        "completed_at": wire_time(item.completed_at),
        "notices": [str(notice) for notice in item.notices],
        "notice_messages": [message_to_wire(notice) for notice in item.notices],
    }
    return make_message("download_complete", data, event.at, rooms=QUEUE_ROOMS)


def _failed(event: DownloadFailed) -> Message:
    item, failure = event.item, event.item.failure
    data = {
        **_about(item, event.folder),
        "error": failure.message if failure else None,
        "error_kind": failure.kind if failure else None,
        "error_values": values_to_wire(failure.values) if failure else {},
        "retryable": failure.retryable if failure else False,
        "link": failure.link if failure else None,
        "retry_count": item.retry_count,
        "completed_at": wire_time(item.completed_at),
    }
    return make_message("download_failed", data, event.at, rooms=QUEUE_ROOMS)


def _scan_completed(event: ScanCompleted) -> Message:
    data = {
        "scan_id": event.scan_id,
        "series": event.series,
        "files": event.files,
        "missing": event.missing,
    }
    return make_message("scan_complete", data, event.at, rooms=SCAN_ROOMS)


def _scan_failed(event: ScanFailed) -> Message:
    data = {
        "scan_id": event.scan_id,
        "error": event.failure.message,
        "error_kind": event.failure.kind,
        "error_values": values_to_wire(event.failure.values),
    }
    return make_message("scan_failed", data, event.at, rooms=SCAN_ROOMS)


def _task_changed(event: TaskChanged) -> Message:
    data = {"name": event.name, "is_running": event.is_running}
    return make_message("task_changed", data, event.at, rooms=SCAN_ROOMS)


#: Events that are sent at once. Progress is paced; the queue is sent as one state.
ANNOUNCED: Final[Mapping[type[Any], Callable[[Any], Message]]] = {
    DownloadCompleted: _completed,
    DownloadFailed: _failed,
    ScanCompleted: _scan_completed,
    ScanFailed: _scan_failed,
    TaskChanged: _task_changed,
    JobStarted: lambda event: job_message(event.job, event.at),
    JobProgressed: lambda event: job_message(event.job, event.at),
}


def _about(item: DownloadItem, folder: str) -> dict[str, Any]:
    return {
        "download_id": item.id,
        "key": item.episode.series_key,
        "folder": folder,
        "season": item.episode.season,
        "episode": item.episode.number,
    }


def _progress(progress: Progress) -> dict[str, Any]:
    eta = progress.eta_seconds
    return {
        "percent": round(progress.percent, 2),
        "speed_mbps": megabits(progress.rate),
        "eta_seconds": None if eta is None else round(eta, 1),
        "downloaded_bytes": progress.downloaded_bytes,
        "total_bytes": progress.total_bytes,
        "phase": progress.phase.value,
    }
