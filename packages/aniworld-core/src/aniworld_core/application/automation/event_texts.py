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
from aniworld_core.messages import Message, message_to_wire

#: Failures without a notification: the episode is not available yet and is retried.
_EXPECTED = "not_yet_available"


def notification_of(event: Event) -> Notification | None:
    """Return the notification about an event; `None` for events without one."""
    match event:
        case DownloadCompleted(item=item, folder=folder):
            return Notification(
                kind=NotificationKind.COMPLETED,
                at=event.at,
                title=Message("notified_completed", folder=folder, code=item.episode.code),
                body=item.file or "",
                data=_facts(item, folder) | {"notices": list(map(message_to_wire, item.notices))},
            )
        case DownloadFailed(item=item, folder=folder):
            return _failed(item, folder, event.at)
        case EpisodesFound(key=key, folder=folder, codes=codes):
            return Notification(
                kind=NotificationKind.NEW_EPISODE,
                at=event.at,
                title=Message("notified_found", folder=folder, episodes=len(codes)),
                body=", ".join(codes),
                data={"key": key, "folder": folder, "episodes": list(codes)},
            )
        case QueueDrained():
            return Notification(
                kind=NotificationKind.QUEUE_DRAINED,
                at=event.at,
                title=Message("notified_drained"),
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
        title=Message("notified_test"),
        body=Message("notified_test_body"),
    )


def _failed(item: DownloadItem, folder: str, at: datetime) -> Notification | None:
    failure = item.failure
    if failure is None or failure.kind == _EXPECTED:
        return None
    needs_person = failure.link is not None
    lines = [failure.message, Message("notified_open", link=failure.link) if needs_person else ""]
    facts = _reason(failure.to_message()) | {"link": failure.link}
    return Notification(
        kind=NotificationKind.FAILED,
        at=at,
        title=Message(
            "notified_needs_person" if needs_person else "notified_failed",
            folder=folder or item.episode.series_key,
            code=item.episode.code,
        ),
        body="\n".join(filter(None, lines)),
        data=_facts(item, folder) | facts,
    )


def _disk_low(reason: Message, at: datetime) -> Notification:
    return Notification(
        kind=NotificationKind.DISK_LOW,
        at=at,
        title=Message("notified_disk_low"),
        body="\n".join((reason, Message("notified_disk_waits"))),
        data=_reason(reason),
    )


def _reason(message: Message) -> dict[str, object]:
    """Return a message for programs: its kind, its values and its English text."""
    sent = message.to_wire()
    return {"reason": sent["kind"], "values": sent["values"], "message": sent["text"]}


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
