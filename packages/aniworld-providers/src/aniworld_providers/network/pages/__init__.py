"""Client for pages and JSON of catalogues.

`open_page_client` returns the client of one provider: guarded, rate-limited and cached, with the
errors of this project. `parse_html`, `plain_text` and `parse_in_worker` parse pages within
bounds. The exchanges
of an operation can be recorded and replayed. The transports are for clients with other needs,
such as covers; they load httpx, so they are imported on first use.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names
from aniworld_providers.network.pages.answers import (
    NotJsonError,
    Page,
    PageMissingError,
    PageRequest,
    TemporaryFaultError,
    decode_declared,
    origin_of,
    page_wait,
)
from aniworld_providers.network.pages.client import PageClient
from aniworld_providers.network.pages.exchanges import (
    Exchange,
    Recording,
    record_exchanges,
    replay_from,
)
from aniworld_providers.network.pages.factory import open_page_client
from aniworld_providers.network.pages.html import (
    UnreadablePageError,
    parse_html,
    parse_in_worker,
    plain_text,
)
from aniworld_providers.network.pages.rate_limit import HostRateLimit
from aniworld_providers.network.pages.servers import configured_servers, is_same_server

if TYPE_CHECKING:
    from aniworld_providers.network.pages.http import (
        RateLimitedTransport,
        mapped_errors,
        outgoing_transport,
    )

__all__ = [
    "Exchange",
    "HostRateLimit",
    "NotJsonError",
    "Page",
    "PageClient",
    "PageMissingError",
    "PageRequest",
    "RateLimitedTransport",
    "Recording",
    "TemporaryFaultError",
    "UnreadablePageError",
    "configured_servers",
    "decode_declared",
    "is_same_server",
    "mapped_errors",
    "open_page_client",
    "origin_of",
    "outgoing_transport",
    "page_wait",
    "parse_html",
    "parse_in_worker",
    "plain_text",
    "record_exchanges",
    "replay_from",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "http": ("RateLimitedTransport", "mapped_errors", "outgoing_transport"),
    },
)
