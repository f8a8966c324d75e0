"""From a link to a whole, checked file."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from aniworld_providers.transfer.direct.fetcher import open_direct_fetcher
    from aniworld_providers.transfer.segments.dash import open_dash_fetcher
    from aniworld_providers.transfer.segments.fetcher import open_hls_fetcher

__all__ = ["open_dash_fetcher", "open_direct_fetcher", "open_hls_fetcher"]

#: A file over one connection needs none of what streams need, which takes a while to load.
_HOMES: Final = {
    "open_dash_fetcher": "segments.dash",
    "open_direct_fetcher": "direct.fetcher",
    "open_hls_fetcher": "segments.fetcher",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
