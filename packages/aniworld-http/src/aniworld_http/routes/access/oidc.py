"""/login/oidc: sign-in with an identity provider, for the sign-in page only."""

from typing import Annotated, Final

import attrs
from aiohttp import web
from msgspec import Meta

from aniworld_http.keys import APPLICATION, AUTHENTICATOR, SETTINGS
from aniworld_http.operations import Budget, Endpoint, Policy
from aniworld_http.schemas import json_response, read_body
from aniworld_http.schemas.auth import TokenView
from aniworld_http.security.callers import CALLERS
from aniworld_http.security.oidc import OIDC, STATE_COOKIE

_Text = Annotated[str, Meta(max_length=4096)]


@attrs.frozen(kw_only=True)
class _StartBody:
    """Nothing."""


@attrs.frozen(kw_only=True)
class _FinishBody:
    """What the provider added to the address of the sign-in page."""

    state: _Text = ""
    code: _Text = attrs.field(default="", repr=False)
    iss: _Text | None = None
    error: _Text | None = None


@attrs.frozen(kw_only=True)
class _StartView:
    """Where the browser continues."""

    location: str


async def start(request: web.Request) -> web.Response:
    """Return the address at the provider, and remember the sign-in in a cookie."""
    await read_body(request, _StartBody)
    location, cookie = await request.app[OIDC].begin()
    response = json_response(_StartView(location=location))
    is_secure = request.app[APPLICATION].current_config.value.oidc.public_url.startswith("https:")
    response.set_cookie(
        STATE_COOKIE,
        cookie,
        path=_path(request),
        max_age=600,
        httponly=True,
        samesite="Strict",
        secure=is_secure,
    )
    return response


async def finish(request: web.Request) -> web.Response:
    """Start a session for the user that comes back from the provider."""
    body = await read_body(request, _FinishBody)
    oidc = request.app[OIDC]
    if body.error is not None:
        raise oidc.refused(body.error)
    cookie = request.cookies.get(STATE_COOKIE, "")
    account = await oidc.finish(cookie, body.state, body.code, body.iss)
    signed_in = await request.app[AUTHENTICATOR].sign_in_account(account)
    request.app[CALLERS].clear()  # the role may have changed
    response = json_response(TokenView.of(signed_in))
    response.del_cookie(STATE_COOKIE, path=_path(request))
    return response


def _path(request: web.Request) -> str:
    return request.app[SETTINGS].base_path.rstrip("/") + "/login/oidc"


_POLICY: Final = Policy(is_public=True, is_secret=True)
ENDPOINTS: Final = (
    Endpoint(method="POST", path="/login/oidc/start", handler=start, policy=_POLICY),
    Endpoint(
        method="POST",
        path="/login/oidc/finish",
        handler=finish,
        policy=attrs.evolve(_POLICY, budget=Budget.GUESSES),
    ),
)
