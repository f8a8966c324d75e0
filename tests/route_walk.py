"""Send every forgery to every closed route, and check that none reaches a handler.

    uv run python tests/route_walk.py

An extra innermost middleware records each request that passed all checks, whatever the response
is. The routes are read from the router, so the walk includes every route.
"""

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import attrs
from aiohttp import web

from aniworld_core.domain.access import Scope
from aniworld_http.keys import API_KEYS, AUTHENTICATOR
from aniworld_http.operations import ROUTES, Handler, Operation, operations_of
from aniworld_http.websocket import SOCKET_PATH
from support.forged_tokens import Spoils, tokens
from support.forgeries import Attempt, attempts
from support.http_stage import FREELY, KEY, PASSWORD, Server, open_server
from support.raw_wire import Reply, Wire

_NAME: Final = re.compile(r"\{[^}]+\}")
_UNAUTHORIZED: Final = 4401
_TOO_LARGE: Final = 1009


@attrs.frozen
class Route:
    """A route that is not public.

    Attributes:
        method: HTTP method in capitals.
        path: Path template of the router.
        scope: Scope that it needs; `None` for the WebSocket, which needs any scope.
    """

    method: str
    path: str
    scope: Scope | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def target(self) -> str:
        """A path that matches the template."""
        return _NAME.sub("x", self.path)

    def may(self, attempt: Attempt) -> bool:
        """Whether the caller of an attempt may use the route."""
        if attempt.scope is None:
            return False
        return self.scope is None or attempt.scope.includes(self.scope)


@attrs.frozen
class Walk:
    """Result of a walk.

    Attributes:
        routes: Requested routes.
        ways: Names of the forgeries.
        requests: Number of requests.
        let_through: Requests that reached a handler.
        badly_refused: Refused requests with another response than documented.
    """

    routes: Sequence[Route]
    ways: Sequence[str]
    requests: int
    let_through: Sequence[str]
    badly_refused: Sequence[str]

    def __str__(self) -> str:
        count = len(self.routes)
        return (
            f"{f'{count} routes' if count != 1 else self.routes[0]} x {len(self.ways)} forged"
            f" tokens and wrong ways in ({self.requests} requests):"
            f" {len(self.let_through)} let through"
        )

    @property
    def complaints(self) -> list[str]:
        """All requests with a wrong result."""
        return [*self.let_through, *self.badly_refused]


def closed_routes(app: web.Application) -> tuple[Route, ...]:
    """Return every route of the router whose policy is not public."""
    scopes = _scopes(operations_of(app))
    return tuple(
        Route(
            route.method,
            route.resource.canonical,
            scopes.get((route.method, route.resource.canonical.rstrip("/"))),
        )
        for route in app.router.routes()
        if route.resource is not None and not _is_public(app, route)
    )


def _is_public(app: web.Application, route: web.AbstractRoute) -> bool:
    policy = app[ROUTES].declared_policy(route)
    return policy is not None and policy.is_public


def _scopes(operations: Sequence[Operation]) -> dict[tuple[str, str], Scope]:
    scopes = {(each.method, each.path): each.scope for each in operations}
    heads = {("HEAD", path): scope for (method, path), scope in scopes.items() if method == "GET"}
    return heads | scopes


@attrs.define
class WalkedServer:
    """A server that records which requests reach a handler.

    Attributes:
        server: The server.
        spoils: Tokens and keys of the server.
        wire: Connection to the server.
        reached: Requests that reached a handler since the list was emptied.
    """

    server: Server
    spoils: Spoils
    wire: Wire
    reached: list[str]

    async def walk(self, routes: Sequence[Route], ways: Sequence[Attempt], shares: int = 1) -> Walk:
        """Send forgeries to all routes.

        Keys whose scope does not suffice go to every route; of the others each route gets every
        *shares*-th one, which begins with another one at the next route.
        """
        let_through, badly_refused, requests = [], [], 0
        for place, route in enumerate(routes):
            for number, way in enumerate(ways):
                is_left_out = way.scope is None and (number - place) % shares
                if route.may(way) or is_left_out:
                    continue
                self.reached.clear()
                requests += 1
                reply = await self.wire.ask(route.method, route.target + way.query, way.headers)
                if self.reached:
                    let_through.append(f"{route}: {way.name}")
                elif not _is_refusal(reply, way, has_body=route.method != "HEAD"):
                    badly_refused.append(f"{route}: {way.name}: {reply.status}")
        names = [way.name for way in ways]
        return Walk(routes, names, requests, let_through, badly_refused)

    async def knock(self) -> Walk:
        """Request the WebSocket with all forgeries, in headers and in the first message."""
        ways = [way for way in attempts(self.spoils) if way.scope is None]
        ends = {
            f"header: {way.name}": await self.wire.knock(way.headers)
            for way in ways
            if _says_who(way)
        }
        for name, token in tokens(self.spoils).items():
            message = json.dumps({"action": "auth", "data": {"token": token}})
            ends[f"message: {name}"] = await self.wire.knock((), message)
        refused = {"0", "400", "401", "431", str(_UNAUTHORIZED), str(_TOO_LARGE)}
        return Walk(
            [Route("GET", SOCKET_PATH, None)],
            list(ends),
            len(ends),
            [name for name, end in ends.items() if end == "open"],
            [f"{name}: {end}" for name, end in ends.items() if end not in {*refused, "open"}],
        )


def _is_refusal(reply: Reply, attempt: Attempt, *, has_body: bool) -> bool:
    """Whether a response is the documented refusal."""
    if reply.status == 401:
        asks = reply.headers.get("www-authenticate", "").startswith("Bearer")
        return asks and reply.headers.get("content-type") == "application/problem+json"
    if reply.status == 403 and attempt.scope is not None:
        return not has_body or json.loads(reply.body)["kind"] == "restricted"
    # The parser refuses malformed requests before routing.
    return reply.status in {0, 400, 431}


def _says_who(way: Attempt) -> bool:
    """Whether the request has credentials, so that the server waits for no first message."""
    return any(name.lower() in {b"authorization", b"x-api-key"} for name, _ in way.headers)


@asynccontextmanager
async def open_walked(
    folder: Path, configure: Callable[[web.Application], None] = lambda _: None
) -> AsyncIterator[WalkedServer]:
    """Serve an application on memory adapters; record requests that reach a handler."""
    reached: list[str] = []

    @web.middleware
    async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
        if "Upgrade" in request.headers:
            return await handler(request)  # the WebSocket checks its first message
        resource = request.match_info.route.resource
        reached.append(f"{request.method} {resource.canonical if resource else request.path}")
        return web.Response(text="let through")

    def add_recorder(app: web.Application) -> None:
        configure(app)
        app.middlewares.append(record)

    async with open_server(
        folder, signed_in=False, limits=FREELY, configure=add_recorder
    ) as server:
        spoils = await _make_spoils(server)
        async with aclosing(Wire(str(server.client.host), server.client.port or 0)) as line:
            yield WalkedServer(server, spoils, line, reached)


async def _make_spoils(server: Server) -> Spoils:
    authenticator, keys = server.app[AUTHENTICATOR], server.app[API_KEYS]
    await authenticator.password.set_up(PASSWORD)
    expired = await authenticator.sign_in(PASSWORD)
    server.stage.clock.advance(timedelta(days=1))
    good, revoked = [await authenticator.sign_in(PASSWORD) for _ in range(2)]
    await authenticator.sign_out(revoked.session.id)
    removed = await keys.create("removed", Scope.ADMIN)
    await keys.remove(removed.key.id)
    return Spoils(
        good=good.token,
        revoked=revoked.token,
        expired=expired.token,
        secret=KEY,
        keys={scope: (await keys.create(scope, scope)).plain for scope in Scope},
        removed=removed.plain,
    )


async def main() -> int:
    """Run the walk and return the exit code."""
    with tempfile.TemporaryDirectory() as place:
        async with open_walked(Path(place)) as walked:
            routes = closed_routes(walked.server.app)
            found = [
                await walked.walk(routes, attempts(walked.spoils)),
                await walked.knock(),
            ]
    for each in found:
        print(each)
        print("".join(f"  {line}\n" for line in each.complaints), end="")
    return 1 if any(each.complaints for each in found) else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
