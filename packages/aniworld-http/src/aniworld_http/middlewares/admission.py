"""Checks that a request passes before its handler, in an order that matters.

1. The `Host` header must name this server, and the page that sent the request must be of an
   allowed origin.
2. The caller is identified, because the next check depends on it.
3. The request is counted: by caller when one is known, else by address.
4. Before set-up, everything else is closed.
5. The caller must be allowed to use the endpoint.

This is one middleware that calls functions: a middleware for each check costs more than the checks.
"""

from typing import Final

from aiohttp import web

from aniworld_core.application.actors import acting_as
from aniworld_core.domain.access import Role, Scope
from aniworld_core.errors import DeniedError, NotSetUpError, RestrictedError
from aniworld_core.messages import Message
from aniworld_http.keys import APPLICATION, AUTHENTICATOR
from aniworld_http.operations import (
    Budget,
    Handler,
    Kind,
    Policy,
    endpoint_of,
    policy_of,
    redirect_to,
)
from aniworld_http.security.callers import CALLER, Caller, caller_of, require_caller
from aniworld_http.security.connections import CONNECTIONS
from aniworld_http.security.origin import check_host, check_origin
from aniworld_http.security.rate_limits import limit_rate

#: Name of the route of the page for the first set-up.
SETUP_PAGE: Final = "setup"


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Pass the request to its handler, redirect to the set-up, or raise the reason why not."""
    policy = policy_of(request)
    check_host(request)
    check_origin(request)
    if policy.is_identified:
        await identify(request)
    if policy.budget is not Budget.NONE:
        await limit_rate(request, policy.budget)
    if not policy.is_before_setup and not await request.app[AUTHENTICATOR].password.is_set_up():
        return _refuse_before_setup(request, policy)
    await authenticate(request, policy)
    caller = request.get(CALLER)
    if caller is None:
        return await handler(request)
    with acting_as(*caller.actor):
        return await handler(request)


async def identify(request: web.Request) -> None:
    """Look up the caller of a request; invalid credentials leave it unidentified."""
    try:
        caller = await caller_of(request)
    except DeniedError:
        return
    if caller is not None:
        request[CALLER] = caller
        request.app[CONNECTIONS].identified(request.protocol)


async def authenticate(request: web.Request, policy: Policy) -> None:
    """Check that the caller may use the endpoint.

    Raises:
        InvalidTokenError: If credentials are needed and they are missing or invalid.
        RestrictedError: If the scope of the caller is too small; an account has that of its role.
    """
    if policy.is_public or (policy.is_handshake and _is_handshake(request)):
        return
    if policy.opened_by(request.app[APPLICATION].current_config.value.network):
        return
    caller = await require_caller(request)
    if policy.is_for_oneself and caller.session is not None:
        return
    endpoint = endpoint_of(request)
    if endpoint is not None and not caller.scope.includes(endpoint.scope):
        raise RestrictedError(
            f"{request.method} {request.path}", _too_small(caller, endpoint.scope)
        )


def _too_small(caller: Caller, needed: Scope) -> Message:
    """Return why a caller may not use an endpoint, in the words of what it signed in with."""
    if caller.account is not None and caller.api_key is None:
        role = next(role for role in Role if role.scope.includes(needed))
        return Message("role_too_small", needed=role.value, role=caller.account.role.value)
    return Message("scope_too_small", needed=needed.value, scope=caller.scope.value)


def _refuse_before_setup(request: web.Request, policy: Policy) -> web.Response:
    """Redirect a page to the set-up.

    Raises:
        NotSetUpError: If the request is not for a page.
    """
    if policy.kind is not Kind.PAGE:
        raise NotSetUpError
    return redirect_to(request, SETUP_PAGE)


def _is_handshake(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"
