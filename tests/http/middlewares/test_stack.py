"""All middlewares together: host, origin, rate limit, headers and errors."""

import asyncio
import ipaddress
from collections.abc import Mapping
from pathlib import Path

import anyio
import pytest
from aiohttp import web

from aniworld_core.testing.waiting import PATIENCE
from aniworld_http.security.client_addresses import counted, parse_address
from aniworld_http.security.rate_limits import RateLimits
from aniworld_http.settings import HttpSettings
from support.http_stage import KEY, open_server

pytestmark = pytest.mark.anyio

CHANGE = ("POST", "/api/auth/keys", {"name": "x", "scope": "read"})


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("localhost", 200),
        ("LOCALHOST:9", 200),
        ("192.168.1.5", 200),
        ("evil.example", 421),
        ("x.127.0.0.1.nip.io", 421),
        ("localhost.evil.example", 421),
        ("a/../b", 400),
        ("user@localhost", 400),
        ("localhost:99999", 400),
        ("", 400),
    ],
)
async def test_only_own_host_names_are_answered(tmp_path: Path, host: str, status: int) -> None:
    """A foreign `Host` is refused on public paths, too."""
    async with open_server(tmp_path) as server:
        response = await server.call("GET", "/health", headers={"Host": host})

    assert response.status == status


async def test_listed_names_are_answered(tmp_path: Path) -> None:
    """A name in `network.allowed_hosts` is accepted."""
    async with open_server(tmp_path) as server:
        await server.call("PUT", "/api/config", {"network": {"allowed_hosts": ["Tv.example"]}})
        response = await server.call("GET", "/health", headers={"Host": "tv.example:8000"})

    assert response.status == 200


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Origin": "http://localhost:3000"}, True),
        ({"Origin": "http://tv.local:8000", "Host": "localhost:8000"}, False),
        ({"Origin": "http://localhost:8000", "Host": "localhost:8000"}, True),
        ({"Origin": "https://10.0.0.1", "Host": "10.0.0.1"}, True),
        ({"Origin": "https://10.0.0.1", "Host": "10.0.0.1:443"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://localhost:3000.evil.example"}, False),
        ({"Origin": "ftp://localhost"}, False),
        ({"Origin": ""}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
    ],
)
async def test_changes_need_an_own_origin(
    tmp_path: Path, headers: Mapping[str, str], *, allowed: bool
) -> None:
    """A page of another origin changes nothing, even with a valid token."""
    async with open_server(tmp_path) as server:
        method, path, body = CHANGE
        response = await server.call(method, path, body, headers=headers)

    assert response.status == (201 if allowed else 403)


async def test_only_named_origins_may_read(tmp_path: Path) -> None:
    """Only configured origins get CORS headers, on preflights and on responses."""
    preflight = {"Access-Control-Request-Method": "PUT"}
    async with open_server(tmp_path) as server:
        shown = {}
        for origin in ("http://localhost:3000", "http://evil.example", "null"):
            read = await server.call("GET", "/api/config", headers={"Origin": origin})
            asked = await server.call(
                "OPTIONS", "/api/config", headers={"Origin": origin, **preflight}, token=""
            )
            shown[origin] = [r.headers.get("Access-Control-Allow-Origin") for r in (read, asked)]

    assert shown == {
        "http://localhost:3000": ["http://localhost:3000"] * 2,
        "http://evil.example": [None, None],
        "null": [None, None],
    }


async def test_anonymous_clients_have_sixty_requests_a_minute(tmp_path: Path) -> None:
    """Further requests get 429; identified callers and health checks do not."""
    async with open_server(tmp_path) as server:
        statuses = [
            (await server.call("GET", "/api/auth/status", token="bad")).status for _ in range(70)
        ]
        known = await server.call("GET", "/api/config")
        health = await server.call("GET", "/health", token="")

    used = 2  # setting up and signing in
    assert statuses == [200] * (60 - used) + [429] * (10 + used)
    assert (known.status, health.status) == (200, 200)


async def test_sessions_have_a_limit_each(tmp_path: Path) -> None:
    """One session cannot use up the limit of another."""
    async with open_server(tmp_path, limits=RateLimits(identified=3)) as server:
        first = server.token
        statuses = [(await server.call("GET", "/api/config")).status for _ in range(4)]
        await server.sign_in()
        other = await server.call("GET", "/api/config")

    assert first != server.token
    assert statuses == [200, 200, 200, 429]
    assert other.status == 200


async def test_behind_a_trusted_proxy_clients_are_counted_separately(tmp_path: Path) -> None:
    """The rightmost address that is no proxy counts; addresses left of it may be forged."""
    settings = HttpSettings(secret_key=KEY, trusted_proxies=(ipaddress.ip_network("127.0.0.0/8"),))
    limits = RateLimits(anonymous=2)
    async with open_server(tmp_path, signed_in=False, settings=settings, limits=limits) as server:

        async def status(forwarded: str) -> int:
            response = await server.call(
                "GET", "/api/auth/status", headers={"X-Forwarded-For": forwarded}
            )
            return response.status

        mine = [await status(f"10.9.9.{n}, 203.0.113.1, 127.0.0.1") for n in range(3)]
        others = await status("203.0.113.2")
        nonsense = [await status("nonsense") for _ in range(3)]

    assert mine == [200, 200, 429]
    assert others == 200
    assert nonsense == [200, 200, 429], "the proxy answers for it"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:5000", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::1]:443", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_clients_are_counted_by_address_or_network(raw: str, name: str) -> None:
    """All addresses of an IPv6 /64 network count as one client."""
    address = parse_address(raw)

    assert address is not None
    assert counted(address) == name


async def test_every_response_has_the_security_headers(tmp_path: Path) -> None:
    """Errors and unknown paths have them, too."""
    async with open_server(tmp_path) as server:
        for path in ("/health", "/api/config", "/nothing", "/api/nothing"):
            response = await server.call("GET", path, token="")
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Cache-Control"] == "no-store"
            assert len(response.headers["X-Request-Id"]) >= 8


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "/%09/evil", "/../etc/passwd", "/%2e%2e/etc"]
)
async def test_no_path_redirects_elsewhere(tmp_path: Path, path: str) -> None:
    """Odd paths get 404, never a redirect."""
    async with open_server(tmp_path) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.client.port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        with anyio.fail_after(PATIENCE):
            answer = await reader.read()
        writer.close()

    assert answer.split()[1] in {b"400", b"404"}
    assert b"\r\nlocation:" not in answer.lower()


async def test_an_internal_error_reveals_nothing(tmp_path: Path) -> None:
    """The response has the request id only; the log has the error under this id."""

    async def broken(_request: web.Request) -> web.Response:
        raise RuntimeError("secret detail")

    def add(app: web.Application) -> None:
        app.router.add_get("/broken", broken)

    async with open_server(tmp_path, configure=add) as server:
        response = await server.call("GET", "/broken", headers={"X-Request-Id": "my-request-1"})
        text = await response.text()

    assert response.status == 500
    assert "my-request-1" in text
    assert "secret" not in text


async def test_an_unknown_method_gets_405_with_allow(tmp_path: Path) -> None:
    """`Allow` lists the methods of the path (RFC 9110 section 15.5.6)."""
    async with open_server(tmp_path) as server:
        response = await server.call("DELETE", "/api/config")

    assert response.status == 405
    assert {"GET", "PUT"} <= set(response.headers["Allow"].split(","))


async def test_the_owner_may_open_the_metrics(tmp_path: Path) -> None:
    """`/metrics` needs a token unless `network.open_metrics` is set."""
    async with open_server(tmp_path) as server:
        closed = await server.call("GET", "/metrics", token="")
        await server.call("PUT", "/api/config", {"network": {"open_metrics": True}})
        opened = await server.call("GET", "/metrics", token="")
        text = await opened.text()

    assert (closed.status, opened.status) == (401, 200)
    assert 'aniworld_http_requests_total{method="PUT",path="/api/config",status="2xx"} 1.0' in text
