"""Put the parts together that add items to the queue."""

from aniworld_core.application.automation import MissingEpisodes
from aniworld_core.application.downloads import DownloadQueue, Upgrades
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
