"""Cross-site requests change nothing, for each operation."""

import re
from pathlib import Path

import pytest

from aniworld_http.operations import operations_of
from aniworld_http.security.rate_limits import RateLimits
from aniworld_http.security.request_windows import BoundedWindows
from support.http_stage import FREELY, Server, open_server

pytestmark = pytest.mark.anyio

FOREIGN = (
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:3000.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
)


def _path(template: str) -> str:
    return re.sub(r"\{[^}]+\}", "x", template)


def _changing(server: Server) -> list[tuple[str, str]]:
    return [(o.method, _path(o.path)) for o in operations_of(server.app) if o.method != "GET"]


async def test_no_operation_is_done_for_a_foreign_page(tmp_path: Path) -> None:
    """Each is refused even with a valid token, and without CORS headers."""
    async with open_server(tmp_path, limits=FREELY) as server:
        assert len(_changing(server)) > 20
        for method, path in _changing(server):
            for headers in FOREIGN:
                response = await server.call(method, path, {}, headers=headers)
                assert (method, path, response.status) == (method, path, 403)
                assert "Access-Control-Allow-Origin" not in response.headers
        assert (await server.call("GET", "/api/config")).status == 200, "nobody was signed out"


async def test_no_operation_accepts_form_content_types(tmp_path: Path) -> None:
    """Browsers send forms and plain text without a preflight; JSON needs one."""
    async with open_server(tmp_path, limits=FREELY) as server:
        done_already = "setUp"
        with_body = [o for o in operations_of(server.app) if o.body is not None]
        with_body = [o for o in with_body if o.id != done_already]
        assert len(with_body) > 10
        headers = {"Authorization": f"Bearer {server.token}"}
        for operation in with_body:
            for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
                sent = {**headers, "Content-Type": kind}
                async with server.client.request(
                    operation.method, _path(operation.path), data=b'{"a": 1}', headers=sent
                ) as response:
                    assert (operation.id, response.status) == (operation.id, 415)


async def test_no_get_request_changes_anything(tmp_path: Path) -> None:
    """Paths of changing operations get 404 or 405 for GET."""
    async with open_server(tmp_path, limits=FREELY) as server:
        readable = {_path(o.path) for o in operations_of(server.app) if o.method == "GET"}
        for _, path in _changing(server):
            if path not in readable:
                status = (await server.call("GET", path)).status
                assert (path, status in {404, 405}) == (path, True)


async def test_signing_in_sets_no_cookie(tmp_path: Path) -> None:
    """Browsers have no credentials to send on their own."""
    async with open_server(tmp_path) as server:
        response = await server.call("POST", "/api/auth/login", {"password": "Correct-Horse-7"})

    assert response.status == 200
    assert "Set-Cookie" not in response.headers


async def test_a_thousand_forged_addresses_share_one_limit(tmp_path: Path) -> None:
    """Five of a thousand guesses are checked, whatever `X-Forwarded-For` contains."""
    async with open_server(tmp_path, limits=RateLimits(anonymous=10**6)) as server:
        passed = 0
        for number in range(1000):
            claimed = f"198.51.{number // 250}.{number % 250}"
            response = await server.call(
                "POST",
                "/api/auth/login",
                {"password": "no"},
                headers={"X-Forwarded-For": claimed, "Forwarded": f"for={claimed}"},
                token="",
            )
            passed += response.status == 401
            assert response.status in {401, 429}

    assert passed == 4, "one of the five was the owner's own"


async def test_the_stored_clients_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that changes its address with every request does not fill the memory."""
    monkeypatch.setattr("aniworld_http.security.request_windows._MOST", 100)
    windows = BoundedWindows()
    for number in range(1000):
        assert await windows.acquire_entry(f"client {number}", limit=5, expiry=60)

    assert len(windows.events) == 100
    assert "client 999" in windows.events
