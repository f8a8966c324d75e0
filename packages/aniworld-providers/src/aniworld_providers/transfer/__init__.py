"""From a link to a whole, checked file."""

from aniworld_providers.transfer.dash import open_dash_fetcher
from aniworld_providers.transfer.direct import open_direct_fetcher
from aniworld_providers.transfer.hls import open_hls_fetcher

__all__ = ["open_dash_fetcher", "open_direct_fetcher", "open_hls_fetcher"]
