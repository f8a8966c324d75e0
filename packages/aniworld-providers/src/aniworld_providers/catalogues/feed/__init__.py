"""Catalogue of feeds: RSS, Atom, Media RSS, podcasts and JSON Feed. Each feed is a series."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aniworld_providers.catalogues.feed.factory import open_loader

__all__ = ["open_loader"]


def __getattr__(name: str) -> Any:
    # Loaded on first use, because the process that reads a feed needs none of it.
    if name != "open_loader":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from aniworld_providers.catalogues.feed.factory import open_loader

    return open_loader
