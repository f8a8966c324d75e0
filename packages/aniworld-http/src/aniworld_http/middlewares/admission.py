"""What a request must pass before its handler sees it, in an order that matters.

1. names in `Host` that are none of ours, and pages of other origins, are refused unseen
2. who is asking is found out, because
3. strangers are counted by address and everybody else by who they are
4. without a master password nothing but setting one works
5. who is not allowed is refused

One middleware of plain calls: a middleware for each check costs more than the checks.
"""

from aiohttp import web

from aniworld_http.middlewares.auth import authenticate, identify
from aniworld_http.middlewares.origin import check_host, check_origin
from aniworld_http.middlewares.rate_limit import limit_rate
from aniworld_http.middlewares.setup import require_setup
from aniworld_http.operations import Handler


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request through to its handler, or raise why not."""
    check_host(request)
    check_origin(request)
    await identify(request)
    await limit_rate(request)
    await require_setup(request)
    await authenticate(request)
    return await handler(request)
