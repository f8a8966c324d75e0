"""Aniworld as a library: open an application, use it, leave the context.

    async with open_application(Settings(data_dir=..., anime_directory=...)) as app:
        hits = await app.catalogue.search("attack on titan")
        series = await app.catalogue.add(hits[0].link)
        await app.queue.enqueue(series.key, missing=True)
        await app.worker.drain()

Domain values come from `aniworld_core.domain`, events from `aniworld_core.domain.events`,
errors from `aniworld_core.errors`, what adapters implement from `aniworld_core.ports`.
"""

from importlib.metadata import version as _version

from aniworld_core.adapters.callbacks import Callbacks
from aniworld_core.adapters.threaded_loader import ThreadedLoader
from aniworld_core.application.download_queue import Wish
from aniworld_core.bootstrap.application import Application, open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.config import Config
from aniworld_core.domain.download import DownloadItem, DownloadStatus, Priority
from aniworld_core.domain.events import (
    DownloadCompleted,
    DownloadFailed,
    DownloadProgressed,
    DownloadStarted,
    Event,
)
from aniworld_core.domain.identity import (
    EpisodeRef,
    EpisodeSelection,
    SeriesKey,
    parse_episode_selection,
    parse_series_key,
)
from aniworld_core.domain.media import Language, Quality, parse_language
from aniworld_core.domain.progress import Progress
from aniworld_core.domain.series import Episode, Series, SeriesMatch, SeriesQuery, SeriesSummary
from aniworld_core.errors import AniworldError

__version__ = _version("aniworld-core")

__all__ = [
    "AniworldError",
    "Application",
    "Callbacks",
    "Config",
    "DownloadCompleted",
    "DownloadFailed",
    "DownloadItem",
    "DownloadProgressed",
    "DownloadStarted",
    "DownloadStatus",
    "Episode",
    "EpisodeRef",
    "EpisodeSelection",
    "Event",
    "Language",
    "Priority",
    "Progress",
    "Quality",
    "Series",
    "SeriesKey",
    "SeriesMatch",
    "SeriesQuery",
    "SeriesSummary",
    "Settings",
    "ThreadedLoader",
    "Wish",
    "__version__",
    "open_application",
    "parse_episode_selection",
    "parse_language",
    "parse_series_key",
]
