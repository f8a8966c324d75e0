"""Fetch media: from a stream link to a complete, checked file in the library."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from aniworld_providers.transfer.direct.fetcher import open_direct_fetcher
    from aniworld_providers.transfer.segments.fetcher import open_dash_fetcher, open_hls_fetcher

__all__ = ["open_dash_fetcher", "open_direct_fetcher", "open_hls_fetcher"]

#: Module of each opener; loaded on first use, because the segmented fetcher imports slowly.
_MODULES: Final = {
    "open_dash_fetcher": "segments.fetcher",
    "open_direct_fetcher": "direct.fetcher",
    "open_hls_fetcher": "segments.fetcher",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
