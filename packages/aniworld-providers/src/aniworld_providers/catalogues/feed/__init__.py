"""Catalogue of feeds: RSS, Atom, Media RSS, podcasts and JSON Feed. Each feed is a series."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_providers.catalogues.feed.factory import open_loader
    from aniworld_providers.catalogues.feed.settings import FeedSettings

__all__ = ["FeedSettings", "open_loader"]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "factory": ("open_loader",),
        "settings": ("FeedSettings",),
    },
)
