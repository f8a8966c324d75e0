"""Aniworld as a library: open an application, use it, leave the context.

    async with open_application(Settings(data_dir=..., anime_directory=...)) as app:
        hits = await app.catalogue.search("attack on titan")
        series = await app.catalogue.add(hits[0].link)
        await app.queue.enqueue(series.key, missing=True)
        await app.worker.drain()

Domain values come from `aniworld_core.domain`, events from `aniworld_core.domain.events`,
errors from `aniworld_core.errors`, what adapters implement from `aniworld_core.ports`.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aniworld_core.adapters.callbacks import (
        CallbackManager,
        Callbacks,
        CompletionCallback,
        CompletionContext,
        ErrorCallback,
        ErrorContext,
        ProgressCallback,
        ProgressContext,
    )
    from aniworld_core.adapters.threaded_loader import ThreadedLoader
    from aniworld_core.application.link_fetch import LinkFetch, LinkOrder
    from aniworld_core.application.wishes import Wish
    from aniworld_core.bootstrap.application import Application, open_application
    from aniworld_core.bootstrap.link_fetch import open_link_fetch
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

    __version__: str

#: Where the names below live. They are looked up when first used, so that a program that needs
#: only errors or values does not import the whole application.
_HOMES = {
    "Callbacks": "aniworld_core.adapters.callbacks",
    "CallbackManager": "aniworld_core.adapters.callbacks",
    "CompletionCallback": "aniworld_core.adapters.callbacks",
    "CompletionContext": "aniworld_core.adapters.callbacks",
    "ErrorCallback": "aniworld_core.adapters.callbacks",
    "ErrorContext": "aniworld_core.adapters.callbacks",
    "ProgressCallback": "aniworld_core.adapters.callbacks",
    "ProgressContext": "aniworld_core.adapters.callbacks",
    "ThreadedLoader": "aniworld_core.adapters.threaded_loader",
    "Wish": "aniworld_core.application.wishes",
    "LinkFetch": "aniworld_core.application.link_fetch",
    "LinkOrder": "aniworld_core.application.link_fetch",
    "Application": "aniworld_core.bootstrap.application",
    "open_application": "aniworld_core.bootstrap.application",
    "open_link_fetch": "aniworld_core.bootstrap.link_fetch",
    "Settings": "aniworld_core.bootstrap.settings",
    "Config": "aniworld_core.domain.config",
    "DownloadItem": "aniworld_core.domain.download",
    "DownloadStatus": "aniworld_core.domain.download",
    "Priority": "aniworld_core.domain.download",
    "DownloadCompleted": "aniworld_core.domain.events",
    "DownloadFailed": "aniworld_core.domain.events",
    "DownloadProgressed": "aniworld_core.domain.events",
    "DownloadStarted": "aniworld_core.domain.events",
    "Event": "aniworld_core.domain.events",
    "EpisodeRef": "aniworld_core.domain.identity",
    "EpisodeSelection": "aniworld_core.domain.identity",
    "SeriesKey": "aniworld_core.domain.identity",
    "parse_episode_selection": "aniworld_core.domain.identity",
    "parse_series_key": "aniworld_core.domain.identity",
    "Language": "aniworld_core.domain.media",
    "Quality": "aniworld_core.domain.media",
    "parse_language": "aniworld_core.domain.media",
    "Progress": "aniworld_core.domain.progress",
    "Episode": "aniworld_core.domain.series",
    "Series": "aniworld_core.domain.series",
    "SeriesMatch": "aniworld_core.domain.series",
    "SeriesQuery": "aniworld_core.domain.series",
    "SeriesSummary": "aniworld_core.domain.series",
    "AniworldError": "aniworld_core.errors",
}

__all__ = [
    "AniworldError",
    "Application",
    "CallbackManager",
    "Callbacks",
    "CompletionCallback",
    "CompletionContext",
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
    "ErrorCallback",
    "ErrorContext",
    "Event",
    "Language",
    "LinkFetch",
    "LinkOrder",
    "Priority",
    "Progress",
    "ProgressCallback",
    "ProgressContext",
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
    "open_link_fetch",
    "parse_episode_selection",
    "parse_language",
    "parse_series_key",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _import_module("importlib.metadata").version("aniworld-core")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
