"""Until there is a master password, nothing but setting one works."""

from typing import Final

from aiohttp import web

from aniworld_core.errors import NotSetUpError
from aniworld_http.keys import AUTHENTICATOR
from aniworld_http.middlewares.auth import is_guarded
from aniworld_http.operations import PUBLIC, Handler, operation_of

_FREE: Final = PUBLIC - {"/api/auth/login"}


@web.middleware
async def require_setup(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer `setup_required` as long as it is."""
    operation = operation_of(request)
    guarded = is_guarded(request) if operation is None else operation.path not in _FREE
    if guarded and not await request.app[AUTHENTICATOR].is_set_up():
        raise NotSetUpError
    return await handler(request)
