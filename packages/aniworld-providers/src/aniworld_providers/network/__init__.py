"""Network access of the providers.

Every connection passes the address guard, which decides which addresses may be reached. `pages` is
the client for pages and JSON of catalogues, `bytes` the client for media, `capsules` records and
replays failed operations. This module exports the guard and the parsers of HTTP responses that
other rooms use; the rest serves the clients.
"""

from aniworld_providers.network.answers import (
    REDIRECT_STATUSES,
    is_bot_check,
    is_temporary,
    transfer_wait,
)
from aniworld_providers.network.backoff import Backoff
from aniworld_providers.network.content_coding import codings
from aniworld_providers.network.guard import AddressGuard

__all__ = [
    "REDIRECT_STATUSES",
    "AddressGuard",
    "Backoff",
    "codings",
    "is_bot_check",
    "is_temporary",
    "transfer_wait",
]
