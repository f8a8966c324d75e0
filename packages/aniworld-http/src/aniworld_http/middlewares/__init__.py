"""What every request passes on its way to a handler, from the outside in.

The order matters; each stands where its neighbours need it:

1. the request gets its name, is timed and logged, whatever comes of it
2. whatever is raised further in becomes a problem document, and for a person a page
3. names in `Host` that are none of ours, and pages of other origins, are refused unseen
4. who is asking is found out, because
5. strangers are counted by address and everybody else by who they are
6. without a master password nothing but setting one works
7. who is not allowed is refused

Security headers and those for other origins (CORS) are added to every answer by signals.
"""

from collections.abc import Sequence
from typing import Final

from aiohttp.typedefs import Middleware

from aniworld_http.middlewares.access_log import log_access
from aniworld_http.middlewares.auth import authenticate, identify
from aniworld_http.middlewares.error_pages import show_error_pages
from aniworld_http.middlewares.errors import errors
from aniworld_http.middlewares.origin import check_host, check_origin
from aniworld_http.middlewares.rate_limit import limit_rate
from aniworld_http.middlewares.setup import require_setup

MIDDLEWARES: Final[Sequence[Middleware]] = (
    log_access,
    show_error_pages,
    errors,
    check_host,
    check_origin,
    identify,
    limit_rate,
    require_setup,
    authenticate,
)

__all__ = ["MIDDLEWARES"]
