"""Texts of notifications about events."""

from datetime import datetime

from aniworld_core.domain.automation import Notification
from aniworld_core.domain.configuration import NotificationKind
from aniworld_core.domain.downloads import DownloadItem
from aniworld_core.events import (
    DownloadCompleted,
    DownloadFailed,
    EpisodesFound,
    Event,
    QueueDrained,
    QueueStateChanged,
)
from aniworld_core.messages import Message

#: Failures without a notification: the episode is not available yet and is retried.
_EXPECTED = "not_yet_available"


def notification_of(event: Event) -> Notification | None:
    """Return the notification about an event; `None` for events without one."""
    match event:
        case DownloadCompleted(item=item, folder=folder):
            return Notification(
                kind=NotificationKind.COMPLETED,
                at=event.at,
                title=f"{folder} {item.episode.code} is complete",
                body=item.file or "",
                data=_facts(item, folder),
            )
        case DownloadFailed(item=item, folder=folder):
            return _failed(item, folder, event.at)
        case EpisodesFound(key=key, folder=folder, codes=codes):
            count = f"{len(codes)} new episodes" if len(codes) > 1 else "a new episode"
            return Notification(
                kind=NotificationKind.NEW_EPISODE,
                at=event.at,
                title=f"{folder} has {count}",
                body=", ".join(codes),
                data={"key": key, "folder": folder, "episodes": list(codes)},
            )
        case QueueDrained():
            return Notification(
                kind=NotificationKind.QUEUE_DRAINED,
                at=event.at,
                title="Nothing is left to download",
            )
        case QueueStateChanged(waiting_for=Message(kind="disk_full") as reason):
            return _disk_low(reason, event.at)
        case _:
            return None


def trial_message(at: datetime) -> Notification:
    """Return the notification that tests an address."""
    return Notification(
        kind=NotificationKind.TEST,
        at=at,
        title="Aniworld can reach you",
        body="This is only a test.",
    )


def _failed(item: DownloadItem, folder: str, at: datetime) -> Notification | None:
    failure = item.failure
    if failure is None or failure.kind == _EXPECTED:
        return None
    needs_person = failure.link is not None
    lines = [failure.message, f"open {failure.link}" if needs_person else ""]
    facts = {"reason": failure.kind, "message": failure.message, "link": failure.link}
    return Notification(
        kind=NotificationKind.FAILED,
        at=at,
        title=f"{folder or item.episode.series_key} {item.episode.code} "
        + ("needs a person" if needs_person else "failed"),
        body="\n".join(filter(None, lines)),
        data=_facts(item, folder) | facts,
    )


def _disk_low(message: str, at: datetime) -> Notification:
    return Notification(
        kind=NotificationKind.DISK_LOW,
        at=at,
        title="The disk is full",
        body=f"{message}\nthe queue waits until there is space",
        data={"message": message},
    )


def _facts(item: DownloadItem, folder: str) -> dict[str, object]:
    return {
        "item_id": item.id,
        "key": item.episode.series_key,
        "folder": folder,
        "season": item.episode.season,
        "episode": item.episode.number,
        "language": item.language.code if item.language else None,
        "file": item.file,
    }
