"""/api/auth: set-up, sign-in and sign-out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import attrs
from aiohttp import web

from aniworld_core.application.access import is_master
from aniworld_core.domain.access import Scope
from aniworld_core.errors import (
    AlreadySetUpError,
    InvalidConfigError,
    InvalidFieldsError,
    RestrictedError,
)
from aniworld_core.messages import Message
from aniworld_http.errors import blame
from aniworld_http.keys import AUTHENTICATOR
from aniworld_http.operations import SECRET, Answer, Budget, Operation, Policy
from aniworld_http.queue_runner import QUEUE_RUNNER
from aniworld_http.schemas import json_response, no_content, read_body
from aniworld_http.schemas.auth import (
    AuthStatus,
    LoginBody,
    SetupBody,
    TokenView,
)
from aniworld_http.security.callers import CALLER, CALLERS, require_caller
from aniworld_http.security.rate_limits import checking_password
from aniworld_http.security.setup_code import SETUP_CODE, SetupCodeRequiredError


async def set_up(request: web.Request) -> web.Response:
    """Set the first master password."""
    authenticator = request.app[AUTHENTICATOR]
    ready = request.app[SETUP_CODE].ready_password
    if await authenticator.password.is_set_up() and not ready:
        raise AlreadySetUpError
    body = await read_body(request, SetupBody)
    try:
        async with checking_password(request), request.app[SETUP_CODE].setting_up(body.code):
            with blame("/master_password"), _pointing_at_body():
                await authenticator.password.set_up(
                    body.master_password, body.anime_directory, ready=ready
                )
    except SetupCodeRequiredError:
        if await authenticator.password.is_set_up():  # by a concurrent request
            raise AlreadySetUpError from None
        raise
    request.app[CALLERS].clear()  # sessions of a replaced ready password are revoked
    await request.app[QUEUE_RUNNER].settings_changed()
    return json_response(AuthStatus(configured=True, authenticated=False), status=201)


@contextmanager
def _pointing_at_body() -> Iterator[None]:
    """Turn pointers into the configuration into pointers into the body of a set-up."""
    try:
        yield
    except InvalidConfigError as error:
        problems = [(pointer.removeprefix("/other"), detail) for pointer, detail in error.problems]
        raise InvalidFieldsError(problems) from error


async def sign_in(request: web.Request) -> web.Response:
    """Start a session."""
    body = await read_body(request, LoginBody)
    name = None if is_master(body.username) else body.username
    async with checking_password(request, name=name):
        signed_in = await request.app[AUTHENTICATOR].sign_in(
            body.password, name=name, remember=body.remember
        )
    # Someone uses the ready password: from now on, replacing it needs a session.
    request.app[SETUP_CODE].ready_password = ""
    return json_response(TokenView.of(signed_in))


async def sign_out(request: web.Request) -> web.Response:
    """End the session of the caller."""
    caller = await require_caller(request)
    if caller.session is None:
        raise RestrictedError(Message("signing_out"), Message("key_without_session"))
    await request.app[AUTHENTICATOR].sign_out(caller.session.id)
    request.app[CALLERS].clear()
    return no_content()


async def status(request: web.Request) -> web.Response:
    """Return whether a password is set and the caller is signed in."""
    return json_response(
        AuthStatus(
            configured=await request.app[AUTHENTICATOR].password.is_set_up(),
            authenticated=CALLER in request,
        )
    )


_OPEN: Final = Policy(is_public=True, is_before_setup=True, is_secret=True)
_SETUP: Final = attrs.evolve(_OPEN, budget=Budget.GUESSES)
_LOGIN: Final = attrs.evolve(_SETUP, is_before_setup=False)
OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/api/auth/setup",
        handler=set_up,
        id="setUp",
        policy=_SETUP,
        summary="Set the first master password",
        description=(
            "`code` is the one-time code that the server prints at its start and stores in the "
            "file setup-code in its data folder; only `aniworld demo` needs none."
        ),
        body=SetupBody,
        answers={201: Answer(description="The password is set; sign in next", content=AuthStatus)},
        problems=(403, 409, 429),
    ),
    Operation(
        method="POST",
        path="/api/auth/login",
        handler=sign_in,
        id="signIn",
        policy=_LOGIN,
        summary="Sign in: start a session",
        description="Without `username`, the password is the master password.",
        body=LoginBody,
        answers={200: Answer(description="Token of the session", content=TokenView)},
        problems=(401, 403, 429),
    ),
    Operation(
        method="POST",
        path="/api/auth/logout",
        handler=sign_out,
        id="signOut",
        policy=SECRET,
        summary="Sign out: end the session",
        answers={204: Answer(description="The token is invalid")},
        scope=Scope.READ,
    ),
    Operation(
        method="GET",
        path="/api/auth/status",
        handler=status,
        id="getAuthStatus",
        policy=_OPEN,
        summary="Return whether a master password is set and the caller is signed in",
        answers={200: Answer(description="State of set-up and sign-in", content=AuthStatus)},
    ),
)
