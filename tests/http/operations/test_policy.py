"""Each route has a policy, and a policy is all that an endpoint needs."""

import logging
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from aiohttp import web

from aniworld_http.operations import (
    CLOSED,
    EARLY_PAGE,
    FILE,
    PAGE,
    PUBLIC,
    ROUTES,
    SECRET,
    Answer,
    Budget,
    Endpoint,
    Kind,
    Operation,
    Policy,
    add_endpoints,
    operations_of,
)
from aniworld_http.security.rate_limits import RateLimits
from aniworld_http.settings import HttpSettings
from support.http_stage import FREELY, KEY, Server, open_server

pytestmark = pytest.mark.anyio

#: All public operations, listed apart from their records: at most eight, each needs a reason.
OPEN = {
    *("/api/auth/setup", "/api/auth/login", "/api/auth/status"),  # needed to sign in
    *("/api/openapi.json", "/api/docs"),  # contain no data
    *("/health", "/health/live", "/health/ready"),  # for supervisors without credentials
}
#: Those that do not work before set-up.
_AFTER_SETUP = {"/api/auth/login"}
GZIP = {"Accept-Encoding": "gzip"}


async def echo(_request: web.Request) -> web.Response:
    """Return a body that is worth compressing."""
    return web.json_response({"text": "x" * 5000})


def example(path: str, policy: Policy = CLOSED, method: str = "GET") -> Operation:
    """Return an operation that differs from others in its policy only."""
    return Operation(
        method=method,
        path=path,
        handler=echo,
        id=re.sub(r"\W", "", path) + method,
        summary="Example",
        answers={200: Answer(description="Example")},
        policy=policy,
    )


def adding(*endpoints: Endpoint) -> Callable[[web.Application], None]:
    """Return a function that adds endpoints to a server before its start."""

    def configure(app: web.Application) -> None:
        add_endpoints(app, endpoints)

    return configure


@pytest.mark.parametrize("base_path", ["/", "/tv"])
async def test_every_route_has_a_policy(tmp_path: Path, base_path: str) -> None:
    """Operations, pages, files, the WebSocket and preflights all have one; no kind is missing."""
    settings = HttpSettings(secret_key=KEY, base_path=base_path)
    async with open_server(tmp_path, signed_in=False, settings=settings) as server:
        table = server.app[ROUTES]
        policies = {route: table.declared_policy(route) for route in server.app.router.routes()}

    assert [str(route) for route, policy in policies.items() if policy is None] == []
    assert {policy.kind for policy in policies.values() if policy} == set(Kind)
    assert {route.method for route in policies} >= {"GET", "HEAD", "POST", "OPTIONS"}


async def test_the_public_operations_are_those_listed_here(tmp_path: Path) -> None:
    """A public operation that nobody listed is noticed; so is one that works before set-up."""
    async with open_server(tmp_path) as server:
        operations = operations_of(server.app)

    assert {each.path for each in operations if each.policy.is_public} == OPEN
    assert len(OPEN) <= 8
    early = {each.path for each in operations if each.policy.is_before_setup}
    assert early == OPEN - _AFTER_SETUP


async def test_the_paths_that_were_secret_are_secret(tmp_path: Path) -> None:
    """Operations of these groups return tokens, keys, settings or log records."""
    async with open_server(tmp_path) as server:
        secret = {each.tag for each in operations_of(server.app) if each.policy.is_secret}
        plain = {each.tag for each in operations_of(server.app) if not each.policy.is_secret}

    assert secret == {"auth", "config", "logs", "notifications", "playback"}
    assert not secret & plain


async def statuses(server: Server, paths: Iterable[str]) -> dict[str, int]:
    """Return the status of each path for a client without credentials."""
    return {path: (await server.call("GET", path, token="")).status for path in paths}


async def test_a_policy_opens_an_operation(tmp_path: Path) -> None:
    """Public operations need no token; those with `is_before_setup` need no password either."""
    configure = adding(
        example("/api/example/closed"),
        example("/api/example/public", Policy(is_public=True)),
        example("/api/example/early", PUBLIC),
        example("/example/probe", Policy(kind=Kind.PROBE, is_public=True, is_before_setup=True)),
        example("/example/metrics", Policy(kind=Kind.PROBE, opened_by=lambda _: True)),
    )
    paths = [f"/api/example/{name}" for name in ("closed", "public", "early", "unknown")]
    paths += ["/example/probe", "/example/metrics"]
    async with open_server(tmp_path, signed_in=False, configure=configure) as server:
        before = await statuses(server, paths)
        await server.sign_in()
        after = await statuses(server, paths)
        closed = (await server.call("GET", "/api/example/closed")).status

    assert list(before.values()) == [403, 403, 200, 403, 200, 403]
    assert list(after.values()) == [401, 200, 200, 401, 200, 200]
    assert closed == 200


async def test_a_policy_sets_the_rate_limit(tmp_path: Path) -> None:
    """Requests count against the budget of the policy, and password guesses by path."""
    configure = adding(
        example("/api/example/counted", PUBLIC),
        example("/api/example/free", Policy(is_public=True, budget=Budget.NONE)),
        example("/api/example/guess", Policy(is_public=True, budget=Budget.GUESSES), "POST"),
        example("/api/example/guess", Policy(is_public=True)),
    )
    limits = RateLimits(anonymous=9, guesses=2)
    async with open_server(tmp_path, limits=limits, configure=configure) as server:
        free = [await server.call("GET", "/api/example/free", token="") for _ in range(12)]
        guesses = [await server.call("POST", "/api/example/guess", token="") for _ in range(3)]
        reads = [await server.call("GET", "/api/example/guess", token="") for _ in range(2)]
        counted = [await server.call("GET", "/api/example/counted", token="") for _ in range(4)]

    assert {each.status for each in free} == {200}
    assert [each.status for each in guesses] == [200, 200, 429]
    assert [each.status for each in reads] == [200, 200]
    # Two requests for the set-up and the sign-in of the test, and five before these.
    assert [each.status for each in counted] == [200, 200, 429, 429]
    assert "Retry-After" in counted[-1].headers


async def test_a_secret_operation_is_neither_compressed_nor_named_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The names in its path identify keys; the length of a compressed body would reveal secrets."""
    configure = adding(
        example("/api/example/plain/{name}"), example("/api/example/secret/{name}", SECRET)
    )
    codings = {}
    async with open_server(tmp_path, limits=FREELY, configure=configure) as server:
        with caplog.at_level(logging.DEBUG, "aniworld_http.middlewares.access_log"):
            for kind in ("plain", "secret"):
                path = f"/api/example/{kind}/of-{kind}"
                response = await server.call("GET", path, headers=GZIP)
                codings[kind] = response.headers.get("Content-Encoding")

    assert codings == {"plain": "gzip", "secret": None}
    assert "GET /api/example/plain/of-plain" in caplog.text
    assert "GET /api/example/secret/{name}" in caplog.text
    assert "of-secret" not in caplog.text


async def test_a_policy_makes_a_page_or_a_file(tmp_path: Path) -> None:
    """A page redirects before set-up and shows its errors as pages; a file does neither."""

    async def fail(_request: web.Request) -> web.Response:
        raise web.HTTPNotFound

    configure = adding(
        Endpoint(method="GET", path="/example-page", handler=fail, policy=PAGE),
        Endpoint(method="GET", path="/example-early", handler=fail, policy=EARLY_PAGE),
        Endpoint(method="GET", path="/example/file", handler=fail, policy=FILE),
    )
    found: dict[str, list[tuple[int, str]]] = {}
    async with open_server(tmp_path, signed_in=False, configure=configure) as server:
        for _ in range(2):
            for path in ("/example-page", "/example-early", "/example/file"):
                async with server.client.get(
                    path, headers={"Accept": "text/html"}, allow_redirects=False
                ) as response:
                    found.setdefault(path, []).append((response.status, response.content_type))
            await server.set_up()

    problem = (404, "application/problem+json")
    assert found["/example-page"] == [(303, "application/octet-stream"), (404, "text/html")]
    assert found["/example-early"] == [(404, "text/html")] * 2
    assert found["/example/file"] == [problem] * 2


@pytest.mark.parametrize(
    ("policy", "handshake", "plain"),
    [
        (Policy(kind=Kind.SOCKET, is_handshake=True), 200, 401),
        (Policy(kind=Kind.SOCKET), 401, 401),
    ],
)
async def test_only_a_handshake_may_come_without_a_token(
    tmp_path: Path, policy: Policy, handshake: int, plain: int
) -> None:
    """A WebSocket endpoint lets the first message identify the caller; other requests need it."""
    socket = Endpoint(method="GET", path="/ws/example", handler=echo, policy=policy)
    async with open_server(tmp_path, configure=adding(socket)) as server:
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
        with_upgrade = await server.call("GET", "/ws/example", headers=upgrade, token="")
        without = await server.call("GET", "/ws/example", token="")

    assert (with_upgrade.status, without.status) == (handshake, plain)


@pytest.mark.parametrize("path", ["/api/example/a", "/other/b"])
async def test_unknown_paths_are_treated_like_their_neighbours(tmp_path: Path, path: str) -> None:
    """Beside an operation every unknown path and method is closed, without declaring anything."""
    async with open_server(tmp_path, configure=adding(example(path))) as server:
        beside = await server.call("GET", f"{path}/unknown", token="")
        method = await server.call("POST", path, token="")
        elsewhere = await server.call("GET", "/nothing/here", token="")

    assert (beside.status, method.status, elsewhere.status) == (401, 401, 404)
