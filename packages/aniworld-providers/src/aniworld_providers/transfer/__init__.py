"""Fetch media: from a stream link to a complete, checked file in the library."""

from typing import TYPE_CHECKING

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_providers.transfer.direct.fetcher import open_direct_fetcher
    from aniworld_providers.transfer.segments.on_demand import open_dash_fetcher, open_hls_fetcher

__all__ = ["open_dash_fetcher", "open_direct_fetcher", "open_hls_fetcher"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "direct.fetcher": ("open_direct_fetcher",),
        "segments.on_demand": ("open_dash_fetcher", "open_hls_fetcher"),
    },
)
