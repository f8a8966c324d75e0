"""Fetch media: from a stream link to a complete, checked file in the library."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_providers.transfer.direct.fetcher import open_direct_fetcher
    from aniworld_providers.transfer.segments.on_demand import open_dash_fetcher, open_hls_fetcher

__all__ = ["open_dash_fetcher", "open_direct_fetcher", "open_hls_fetcher"]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "direct.fetcher": ("open_direct_fetcher",),
        "segments.on_demand": ("open_dash_fetcher", "open_hls_fetcher"),
    },
)
