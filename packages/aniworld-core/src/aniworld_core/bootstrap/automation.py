"""Build the use cases of the room automation."""

from aniworld_core.application.automation import (
    NotificationSender,
    ReleaseCalendar,
    RescanSchedule,
)
from aniworld_core.application.downloads import DownloadQueue
from aniworld_core.application.library import LibraryScanner
from aniworld_core.bootstrap.adapters import notifier_opener
from aniworld_core.bootstrap.parts import Parts
from aniworld_core.bootstrap.queueing import missing_episodes


def calendar(parts: Parts) -> ReleaseCalendar:
    """Build the calendar."""
    return ReleaseCalendar(
        series=parts.storage.series,
        metadata=parts.storage.metadata,
        versions=parts.storage.versions,
        config=parts.current,
        clock=parts.clock,
    )


def notifications(parts: Parts) -> NotificationSender:
    """Build the sender of notifications."""
    return NotificationSender(
        bus=parts.bus,
        config=parts.current,
        clock=parts.clock,
        open=notifier_opener(parts.context.now),
    )


def schedule(parts: Parts, scanner: LibraryScanner, queue: DownloadQueue) -> RescanSchedule:
    """Build the schedule of scans."""
    return RescanSchedule(
        schedule=parts.storage.schedule,
        scanner=scanner,
        missing=missing_episodes(parts, queue),
        config=parts.current,
        clock=parts.clock,
        outage=parts.outage,
    )
