"""Catalogue of feeds: RSS, Atom, Media RSS, podcasts and JSON Feed. Each feed is a series."""

from typing import TYPE_CHECKING

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_providers.catalogues.feed.factory import open_loader
    from aniworld_providers.catalogues.feed.settings import FeedSettings

__all__ = ["FeedSettings", "open_loader"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "factory": ("open_loader",),
        "settings": ("FeedSettings",),
    },
)
