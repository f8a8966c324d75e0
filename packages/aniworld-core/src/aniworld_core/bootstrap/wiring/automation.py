"""Assemble the use cases that add items to the queue, and the background tasks."""

from aniworld_core.application.automation import (
    MissingEpisodes,
    NotificationSender,
    ReleaseCalendar,
    ReleaseWatch,
    RescanSchedule,
)
from aniworld_core.application.catalogue import Catalogue
from aniworld_core.application.downloads import DownloadQueue, Upgrades
from aniworld_core.application.library import LibraryScanner
from aniworld_core.bootstrap.adapters import notifier_opener
from aniworld_core.bootstrap.parts import Parts


def download_queue(parts: Parts) -> DownloadQueue:
    """Return the queue."""
    return DownloadQueue(
        queue=parts.storage.queue, series=parts.storage.series, bus=parts.bus, clock=parts.clock
    )


def upgrades(parts: Parts, queue: DownloadQueue) -> Upgrades:
    """Return the waiting list for better files."""
    return Upgrades(
        queue=queue,
        items=parts.storage.queue,
        series=parts.storage.series,
        files=parts.storage.files,
        config=parts.current,
    )


def missing_episodes(parts: Parts, queue: DownloadQueue) -> MissingEpisodes:
    """Return what scheduled scans add to the queue."""
    return MissingEpisodes(
        queue=queue, series=parts.storage.series, upgrades=upgrades(parts, queue)
    )


def calendar(parts: Parts) -> ReleaseCalendar:
    """Build the calendar."""
    return ReleaseCalendar(
        series=parts.storage.series,
        metadata=parts.storage.metadata,
        versions=parts.storage.versions,
        config=parts.current,
        clock=parts.clock,
    )


def release_watch(
    parts: Parts, catalogue: Catalogue, scanner: LibraryScanner, queue: DownloadQueue
) -> ReleaseWatch:
    """Build the watch for releases."""
    return ReleaseWatch(
        calendar=calendar(parts),
        catalogue=catalogue,
        scanner=scanner,
        missing=missing_episodes(parts, queue),
        config=parts.current,
        clock=parts.clock,
        outage=parts.outage,
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
