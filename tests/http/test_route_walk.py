"""Every route refuses every forgery (threat T14)."""

from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from aiohttp import web

from aniworld_core.domain.access import Scope
from aniworld_core.errors import InvalidTokenError
from aniworld_http.operations import operations_of
from aniworld_http.security.callers import CALLERS, Caller, Callers
from route_walk import closed_routes, open_walked
from support.forgeries import attempts

pytestmark = pytest.mark.anyio


async def test_no_route_lets_a_forged_token_through(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Each closed route refuses a quarter of the forgeries; figure M8 sends each to each."""
    async with open_walked(tmp_path) as walked:
        ways = attempts(walked.spoils)
        walk = await walked.walk(closed_routes(walked.server.app), ways, shares=4)

    record_property("summary", str(walk))
    assert walk.complaints == []
    assert len({way.name for way in ways}) == len(ways) >= 40


async def test_the_socket_lets_no_forged_token_through(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """A forged token in a header or in the first message closes the WebSocket with 4401."""
    async with open_walked(tmp_path) as walked:
        walk = await walked.knock()
        header = ((b"Authorization", f"Bearer {walked.spoils.good}".encode()),)
        by_right = await walked.wire.knock(header)

    record_property("summary", str(walk))
    assert walk.complaints == []
    assert by_right == "open"


async def test_the_walk_covers_every_route(tmp_path: Path) -> None:
    """With a valid token each handler is reached, and every closed operation is among them."""
    async with open_walked(tmp_path) as walked:
        routes = closed_routes(walked.server.app)
        bearer = (b"Authorization", f"Bearer {walked.spoils.good}".encode())
        for route in routes:
            await walked.wire.ask(route.method, route.target, [bearer])
        table = operations_of(walked.server.app)

    assert walked.reached == [str(route) for route in routes]
    wanted = {f"{each.method} {each.path}" for each in table if not each.policy.is_public}
    assert wanted | {"GET /ws/connect"} <= set(walked.reached)


async def test_the_walk_notices_a_hole(tmp_path: Path) -> None:
    """A server that accepts a forged token, or any key, is detected on every route."""

    @attrs.define(eq=False, kw_only=True)
    class Credulous(Callers):
        async def by_token(self, token: str) -> Caller:
            if token.endswith("."):
                return Caller(id="anybody", scope=Scope.ADMIN)
            raise InvalidTokenError("forged")

        async def by_api_key(self, _plain: str) -> Caller:
            return Caller(id="anybody", scope=Scope.CONTROL)

    def believe(app: web.Application) -> None:
        app[CALLERS] = Credulous(
            authenticator=app[CALLERS]._authenticator,
            api_keys=app[CALLERS]._api_keys,
            links=app[CALLERS]._links,
            clock=app[CALLERS]._clock,
        )

    names = {"token: alg none", "token: garbage", "key: of nobody"}
    async with open_walked(tmp_path, believe) as walked:
        routes = closed_routes(walked.server.app)
        ways = [way for way in attempts(walked.spoils) if way.name in names]
        walk = await walked.walk(routes, ways)
        socket = await walked.knock()

    holes = {f"{route}: token: alg none" for route in routes}
    open_to_keys = [r for r in routes if r.scope is None or Scope.CONTROL.includes(r.scope)]
    assert len(open_to_keys) < len(routes)
    holes |= {f"{route}: key: of nobody" for route in open_to_keys}
    assert set(walk.let_through) == holes
    assert {"header: token: alg none", "message: alg none"} <= set(socket.let_through)


@pytest.mark.parametrize(
    "spelling",
    [
        *("//api/config", "/api//config", "/./api/config", "/api/./config", "/x/../api/config"),
        *("/%61pi/config", "/api%2fconfig", "/api/config%2f", "/api/config%00", "/api/config;x=1"),
        *("/API/config", "/api/Config", "/api/config.json", "/api/config/..", "/api/config//"),
        *("/health/../api/config", "/static/../api/config", "/api/auth/status/../../config"),
        *("/api/auth/status/%2e%2e/%2e%2e/config", "http://127.0.0.1/api/config"),
        *("/api/\\config", "/api/con\u017ffig", "/api/config?x=/api/auth/status"),
        *("/health;/../metrics", "/%6detrics", "//metrics", "/health/%64etailed", "/ws/%73tatus"),
    ],
)
async def test_no_spelling_of_a_path_bypasses_the_checks(tmp_path: Path, spelling: str) -> None:
    """No spelling of a closed path reaches its handler without credentials."""
    async with open_walked(tmp_path) as walked:
        reply = await walked.wire.ask("GET", spelling, [])
        closed = {str(route) for route in closed_routes(walked.server.app)}

    assert reply.status in {200, 400, 401, 404}
    assert not closed & set(walked.reached), "at most a page, which has no data, or nothing at all"
