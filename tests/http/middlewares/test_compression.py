"""Compression of responses: for clients that accept it, never for secrets."""

import gzip
import threading
from collections.abc import Mapping
from pathlib import Path

import anyio
import pytest
from aiohttp import ClientSession, DummyCookieJar, web
from yarl import URL

from aniworld_http.middlewares import compression
from aniworld_http.middlewares.compression import GzipCache
from support.http_library import open_library, other, titan
from support.http_stage import FREELY, PASSWORD, Server, open_server

pytestmark = pytest.mark.anyio

SERIES = [other(f"series-{number}", f"Series number {number}") for number in range(30)]


async def raw(
    server: Server, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, Mapping[str, str], bytes]:
    """Send a request with a client that does not decompress."""
    sent = {"Authorization": f"Bearer {server.token}", "Accept-Encoding": "gzip"}
    sent.update({name.replace("_", "-"): value for name, value in headers.items()})
    async with (
        ClientSession(auto_decompress=False, cookie_jar=DummyCookieJar()) as client,
        client.request(
            method, URL(str(server.client.make_url(path))), json=body, headers=sent
        ) as answer,
    ):
        return answer.status, answer.headers, await answer.read()


async def test_lists_pages_and_scripts_are_compressed(tmp_path: Path) -> None:
    """The decompressed body equals the plain one, and `Vary` names `Accept-Encoding`."""
    paths = ["/api/anime", "/api/openapi.json", "/api/docs", "/login", "/nothing"]
    asked = {"Accept": "text/html", "X_Request_Id": "compressed"}  # pages of errors show the id
    async with open_library(tmp_path, titan(), *SERIES, limits=FREELY) as server:
        page = (await raw(server, "GET", "/login", Accept="text/html"))[2]
        script = gzip.decompress(page).decode().partition('<script type="module" src="')[2]
        for path in [*paths, script.partition('"')[0]]:
            _, headers, body = await raw(server, "GET", path, **asked)
            _, plain, whole = await raw(server, "GET", path, Accept_Encoding="identity", **asked)
            assert (path, headers.get("Content-Encoding")) == (path, "gzip")
            assert "Content-Encoding" not in plain
            assert gzip.decompress(body) == whole
            assert len(body) == int(headers["Content-Length"]) < len(whole)
            for each in (headers, plain):
                assert "Accept-Encoding" in each["Vary"]
            assert headers.get("ETag") == plain.get("ETag")


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip, deflate, br", True),
        ("GZIP;q=0.2", True),
        ("br, *;q=0.1", True),
        ("x-gzip", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("br, *;q=0", False),
        ("gzipped", False),
        ("gzip;q=nonsense", False),
        ("deflate", False),
    ],
)
async def test_only_clients_that_accept_gzip_get_it(
    tmp_path: Path, accepted: str, *, packed: bool
) -> None:
    """`Accept-Encoding` decides, including its weights, also for precompressed files."""
    async with open_server(tmp_path) as server:
        for path in ("/api/openapi.json", "/static/css/pages.css"):
            status, headers, _ = await raw(server, "GET", path, Accept_Encoding=accepted)
            assert (status, headers.get("Content-Encoding")) == (200, "gzip" if packed else None)


async def test_both_codings_have_one_tag(tmp_path: Path) -> None:
    """A request with the tag gets 304 without a body, with `ETag` and `Vary`."""
    async with open_library(tmp_path, *SERIES) as server:
        _, headers, _ = await raw(server, "GET", "/api/anime")
        tag = headers["ETag"]
        assert tag.startswith('W/"')
        for accepted in ("gzip", "identity"):
            status, same, body = await raw(
                server, "GET", "/api/anime", If_None_Match=tag, Accept_Encoding=accepted
            )
            assert (status, body, same["ETag"]) == (304, b"", tag)
            assert "Content-Encoding" not in same
            assert "Accept-Encoding" in same["Vary"]


async def test_every_polled_resource_has_a_tag(tmp_path: Path) -> None:
    """A request with the tag gets 304 without a body while nothing has changed."""
    async with open_library(tmp_path, titan()) as server:
        for path in (
            "/api/anime",
            "/api/anime/attack-on-titan",
            "/api/queue/status",
            "/api/queue/items",
            "/api/queue/summary",
            "/api/config",
            "/api/config/backups",
            "/api/openapi.json",
            "/static/js/api.js",
        ):
            status, headers, _ = await raw(server, "GET", path)
            again, _, body = await raw(server, "GET", path, If_None_Match=headers["ETag"])
            assert (path, status, again, body) == (path, 200, 304, b"")


async def test_secrets_are_never_compressed(tmp_path: Path) -> None:
    """Responses with tokens, keys and settings stay uncompressed, whatever their length."""
    async with open_server(tmp_path, limits=FREELY) as server:
        for _ in range(30):
            await raw(server, "POST", "/api/auth/keys", {"name": "n" * 99, "scope": "read"})
        asked = [
            await raw(server, "GET", "/api/auth/keys"),
            await raw(server, "PUT", "/api/config", {"odd": "x" * 2000}),
            await raw(server, "GET", "/api/config"),
            await raw(server, "POST", "/api/auth/keys", {"name": "n" * 99, "scope": "read"}),
            await raw(server, "POST", "/api/auth/login", {"password": PASSWORD}),
        ]

    assert [len(body) > 1024 for _, _, body in asked[:3]] == [True] * 3, "else it proves nothing"
    assert [headers.get("Content-Encoding") for _, headers, _ in asked] == [None] * 5


async def test_other_responses_are_not_compressed(tmp_path: Path) -> None:
    """Partial content, images, short bodies, coded bodies and streams stay unchanged."""
    body = b"x" * 4096
    parts = {"Content-Range": "bytes 0-4095/9999"}

    def respond(name: str) -> web.StreamResponse:
        return {
            "part": web.Response(body=body, status=206, content_type="text/plain", headers=parts),
            "picture": web.Response(body=body, content_type="image/png"),
            "short": web.Response(body=b"x" * 1023, content_type="text/plain"),
            "coded": web.Response(
                body=body, content_type="text/plain", headers={"Content-Encoding": "br"}
            ),
            "whole": web.Response(body=body, content_type="text/plain"),
        }[name]

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.match_info["name"] != "stream":
            return respond(request.match_info["name"])
        stream = web.StreamResponse()
        stream.content_type = "text/plain"
        await stream.prepare(request)
        await stream.write(body)
        return stream

    names = ["part", "picture", "short", "coded", "whole", "stream"]

    def add(app: web.Application) -> None:
        app.router.add_get("/odd/{name}", answer)

    async with open_server(tmp_path, configure=add) as server:
        found = {
            name: (await raw(server, "GET", f"/odd/{name}"))[1].get("Content-Encoding")
            for name in names
        }
        ranged = await raw(server, "GET", "/odd/whole", Range="bytes=0-9")

    assert found == {**dict.fromkeys(names), "coded": "br", "whole": "gzip"}
    assert "Content-Encoding" not in ranged[1]


async def test_large_bodies_are_compressed_once_in_a_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Concurrent requests share the result; short bodies need no thread."""
    threads: list[int] = []

    def noted(body: bytes) -> bytes:
        threads.append(threading.get_ident())
        return gzip.compress(body)

    monkeypatch.setattr(compression, "_gzipped", noted)
    gzip_cache = GzipCache()
    large, small = b"l" * 100_000, b"s" * 2000
    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(gzip_cache.compress, large)
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()
    assert gzip.decompress(await gzip_cache.compress(small)) == small
    assert threads[1:] == [threading.get_ident()]


async def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest body leaves the cache and is compressed again when requested."""
    times: list[bytes] = []

    def noted(body: bytes) -> bytes:
        times.append(body)
        return gzip.compress(body)

    monkeypatch.setattr(compression, "_gzipped", noted)
    monkeypatch.setattr(compression, "_CACHE_BYTES", 10_000)
    gzip_cache = GzipCache()
    bodies = [bytes([number]) * 3000 for number in range(4)]
    for body in [*bodies, bodies[3], bodies[0]]:
        await gzip_cache.compress(body)

    assert times == [*bodies, bodies[0]]
