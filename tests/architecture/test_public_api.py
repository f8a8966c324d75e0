"""What each package offers, written down: a change here is a change for its users."""

import importlib

import pytest

PUBLIC = {
    "aniworld_core": {
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
    },
    "aniworld_http": {"HttpSettings"},
    "aniworld_http.security": {"JwtCodec", "PasslibHasher", "open_hasher"},
}

each_package = pytest.mark.parametrize("package", PUBLIC)


@each_package
def test_public_names_are_those_written_down(package: str) -> None:
    """`__all__` holds exactly the names listed above."""
    module = importlib.import_module(package)

    assert set(module.__all__) == PUBLIC[package]


@each_package
def test_every_public_name_exists_and_is_documented(package: str) -> None:
    """Each name can be imported, and classes and functions say what they are."""
    module = importlib.import_module(package)

    for name in PUBLIC[package]:
        value = getattr(module, name)
        if callable(value):
            assert (value.__doc__ or "").strip(), f"{package}.{name} has no docstring"
