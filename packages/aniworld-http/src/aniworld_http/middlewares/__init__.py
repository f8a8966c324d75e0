"""What every request passes on its way to a handler, from the outside in.

The order matters; each stands where its neighbours need it:

1. the request gets its name, is timed and logged, whatever comes of it
2. answers are packed
3. whatever is raised further in becomes a problem document, and for a person a page
4. preflights of allowed origins are answered
5. who may not pass is refused: see `admission`

Security headers and those for other origins (CORS) are added to every answer by signals.
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
