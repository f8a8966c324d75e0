"""Nobody gets anything without saying who he is: denied by default, in one place."""

from typing import Final

from aiohttp import hdrs, web
from multidict import istr

from aniworld_core.errors import DeniedError, InvalidTokenError, RestrictedError
from aniworld_http.keys import APPLICATION
from aniworld_http.middlewares.connections import CONNECTIONS
from aniworld_http.operations import PUBLIC, Operation, operation_of, path_below_base
from aniworld_http.security.callers import CALLER, CALLERS, Caller

_API_KEY: Final = istr("X-Api-Key")
#: Paths whose requests are counted by caller.
_COUNTED: Final = ("/api/", "/ws/")
#: Where live updates are.
SOCKET_PATH = "/ws/connect"


async def identify(request: web.Request) -> None:
    """Find out who is asking, before anything is counted or refused."""
    if not path_below_base(request).startswith(_COUNTED):
        # The database is not asked: health, pages and files are served while it is locked.
        return
    try:
        caller = await caller_of(request)
    except DeniedError:
        caller = None
    if caller is not None:
        request[CALLER] = caller
        request.app[CONNECTIONS].recognised(request.protocol)


async def authenticate(request: web.Request) -> None:
    """Let through who may do what he asks for.

    Raises:
        InvalidTokenError: If he has to say who he is, and did not or cannot be believed.
        RestrictedError: If it is not his to do.
    """
    operation = operation_of(request)
    if operation is None:
        # A socket may also say who it is in its first message; `websocket` sees to that.
        if is_guarded(request) and not _is_handshake(request):
            await require_caller(request)
    elif not operation.is_public and not _is_opened(request, operation):
        caller = await require_caller(request)
        if not caller.scope.includes(operation.scope):
            raise RestrictedError(
                f"{request.method} {request.path}",
                f"it needs the scope {operation.scope}, the key has {caller.scope}",
            )


def _is_opened(request: web.Request, operation: Operation) -> bool:
    """Whether the owner opened to all what is closed by default."""
    network = request.app[APPLICATION].current_config.value.network
    return operation.path == "/metrics" and network.open_metrics


def _is_handshake(request: web.Request) -> bool:
    is_upgrade = request.headers.get("Upgrade", "").lower() == "websocket"
    return is_upgrade and path_below_base(request) == SOCKET_PATH


def is_guarded(request: web.Request) -> bool:
    """Whether a path of no operation still tells nothing to strangers."""
    # A preflight has no credentials by design; the CORS handler answers it.
    is_preflight = request.method == "OPTIONS" and request.match_info.http_exception is None
    path = path_below_base(request)
    # What is public anyway may also say that it does not know a method.
    return path.startswith(("/api/", "/ws/")) and path not in PUBLIC and not is_preflight


async def require_caller(request: web.Request) -> Caller:
    """Return who is asking.

    Raises:
        InvalidTokenError: If he did not say, or cannot be believed.
    """
    if CALLER in request:
        return request[CALLER]
    caller = await caller_of(request)
    if caller is None:
        raise InvalidTokenError("there is none")
    return caller


async def caller_of(request: web.Request) -> Caller | None:
    """Find out who is asking; `None` if he does not say.

    Raises:
        DeniedError: If he cannot be believed.
    """
    tokens = request.headers.getall(hdrs.AUTHORIZATION, ())
    keys = request.headers.getall(_API_KEY, ())
    if len(tokens) + len(keys) > 1:
        raise InvalidTokenError("give one token or one API key")
    if keys:
        return await request.app[CALLERS].by_api_key(keys[0])
    if not tokens:
        return None
    scheme, _, token = tokens[0].partition(" ")
    if scheme.lower() != "bearer":
        raise InvalidTokenError("the scheme must be Bearer")
    return await request.app[CALLERS].by_token(token.strip())
