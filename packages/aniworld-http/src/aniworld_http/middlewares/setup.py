"""Until there is a master password, nothing but setting one works."""

from typing import Final

from aiohttp import web

from aniworld_core.errors import NotSetUpError
from aniworld_http.keys import AUTHENTICATOR
from aniworld_http.middlewares.auth import is_guarded
from aniworld_http.operations import PUBLIC, operation_of

_FREE: Final = PUBLIC - {"/api/auth/login"}


async def require_setup(request: web.Request) -> None:
    """Refuse what needs a master password as long as there is none.

    Raises:
        NotSetUpError: If it is such a request.
    """
    operation = operation_of(request)
    guarded = is_guarded(request) if operation is None else operation.path not in _FREE
    if guarded and not await request.app[AUTHENTICATOR].is_set_up():
        raise NotSetUpError
