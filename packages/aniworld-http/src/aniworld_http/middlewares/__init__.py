"""Middlewares, from the outermost to the innermost.

1. `log_access` gives the request an id, measures it and logs it.
2. `compress` compresses the response.
3. `errors` turns exceptions into problem documents, or into pages for people.
4. `answer_preflights` answers CORS preflights of allowed origins.
5. `admit` checks `Host`, origin, rate limit, set-up and credentials by the policy of the endpoint.

Signals add the security headers and the CORS headers to every response.
"""

from collections.abc import Sequence
from typing import Final

from aiohttp.typedefs import Middleware

from aniworld_http.middlewares.access_log import log_access
from aniworld_http.middlewares.admission import admit
from aniworld_http.middlewares.compression import compress
from aniworld_http.middlewares.cors import answer_preflights
from aniworld_http.middlewares.errors import errors

MIDDLEWARES: Final[Sequence[Middleware]] = (
    log_access,
    compress,
    errors,
    answer_preflights,
    admit,
)

__all__ = ["MIDDLEWARES"]
