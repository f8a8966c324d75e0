"""CORS: pages of configured origins may read responses, all others may not."""

from pathlib import Path

import pytest

from aniworld_http.settings import HttpSettings
from support.http_stage import KEY, open_server

pytestmark = pytest.mark.anyio

ALLOWED = "https://media.example"
ANSWERS = [
    ("GET", "/", 200),
    ("GET", "/login", 200),
    ("GET", "/nothing", 404),
    ("GET", "/static/websocket_client.js", 200),
    ("GET", "/static/nothing.js", 404),
    ("GET", "/manifest.webmanifest", 200),
    ("GET", "/health", 200),
    ("GET", "/api/config", 200),
    ("GET", "/api/nothing", 404),
    ("GET", "/api/anime/no-such-series", 404),
    ("POST", "/api/health", 404),
    ("DELETE", "/api/config", 405),
    ("PUT", "/api/config", 422),
    ("GET", "/ws/status", 200),
]


def _settings() -> HttpSettings:
    return HttpSettings(secret_key=KEY, cors_origins=(ALLOWED,))


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
async def test_every_response_names_an_allowed_origin(
    tmp_path: Path, method: str, path: str, status: int
) -> None:
    """Pages, files and errors: the header has exactly the requesting origin, if it is allowed."""
    async with open_server(tmp_path, settings=_settings()) as server:
        body = {"name": 5} if method == "PUT" else None
        ours = await server.call(method, path, body, headers={"Origin": ALLOWED})
        theirs = await server.call("GET", path, headers={"Origin": "https://evil.example"})
        stranger = await server.call("GET", path, headers={"Origin": ALLOWED}, token="")

    assert ours.status == status
    assert ours.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert "Origin" in ours.headers.get("Vary", "Origin")
    assert "X-Request-Id" in ours.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Origin" not in theirs.headers
    assert stranger.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert stranger.status == (401 if path.startswith(("/api", "/ws")) else stranger.status)


@pytest.mark.parametrize("path", sorted({path for _, path, _ in ANSWERS}))
async def test_every_preflight_is_answered(tmp_path: Path, path: str) -> None:
    """Paths outside the API are included; another origin gets no permission."""
    headers = {
        "Origin": ALLOWED,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    async with open_server(tmp_path, settings=_settings()) as server:
        ours = await server.call("OPTIONS", path, headers=headers, token="")
        other = {**headers, "Origin": "https://evil.example"}
        theirs = await server.call("OPTIONS", path, headers=other, token="")

    assert ours.status in {200, 204}
    assert ours.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert "GET" in ours.headers["Access-Control-Allow-Methods"]
    assert "authorization" in ours.headers["Access-Control-Allow-Headers"].lower()
    assert "Access-Control-Allow-Origin" not in theirs.headers


async def test_an_internal_error_names_an_allowed_origin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A response with status 500 has the CORS headers, too."""
    async with open_server(tmp_path, settings=_settings()) as server:

        async def broken() -> None:
            raise RuntimeError("not my day")

        monkeypatch.setattr(server.stage.app.storage, "ping", broken)
        answer = await server.call("GET", "/health/ready", headers={"Origin": ALLOWED})

    assert answer.status == 500
    assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED
