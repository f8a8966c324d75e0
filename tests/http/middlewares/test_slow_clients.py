"""Slow, oversized and incomplete requests on real connections."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import anyio
import pytest

from aniworld_core.testing.waiting import PATIENCE
from aniworld_http.schemas import reading
from aniworld_http.security import connections
from support.wire_stage import Wire, open_wire

pytestmark = pytest.mark.anyio

HEALTH = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
POST = (
    "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    "Content-Type: application/json\r\n"
)


async def _ended(reader: asyncio.StreamReader) -> bytes:
    with anyio.fail_after(PATIENCE):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


@pytest.mark.parametrize(
    "begun",
    ["", "G", "GET /health HTTP/1.1\r\n", "GET /health HTTP/1.1\r\nHost: localhost\r\nX: "],
    ids=["silent", "a letter", "a line", "a header"],
)
async def test_unfinished_headers_close_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: str
) -> None:
    """A connection with incomplete headers is closed after the time limit."""
    async with open_wire(tmp_path) as wire:
        reader, writer = await wire.open()
        writer.write(begun.encode())
        await writer.drain()
        assert (await wire.say(HEALTH)).statuses == [200]
        monkeypatch.setattr(connections, "HEADER_SECONDS", 0.0)
        if begun:
            wire.connections.reap()  # the first case shows that the server does it every second

        assert await _ended(reader) == b""
        writer.close()


async def test_an_idle_connection_may_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time limit does not apply between requests; the next request is answered."""
    async with open_wire(tmp_path) as wire:
        reader, writer = await wire.open()
        writer.write(HEALTH.replace("Connection: close\r\n", "").encode())
        await reader.readuntil(b"}")
        monkeypatch.setattr(connections, "HEADER_SECONDS", 0.0)
        wire.connections.reap()
        writer.write(HEALTH.encode())

        assert (await _ended(reader)).startswith(b"HTTP/1.1 200 ")
        writer.close()


async def test_hundreds_of_half_open_connections_delay_no_request(tmp_path: Path) -> None:
    """Other clients get responses, and most connections of the address are closed."""
    async with open_wire(tmp_path) as wire:
        flood = [await wire.open() for _ in range(600)]
        for _, writer in flood:
            writer.write(b"GET /health HTTP/1.1\r\nX: ")
        assert (await wire.say(HEALTH)).statuses == [200]
        assert wire.connections.incomplete <= connections.MAX_INCOMPLETE
        with anyio.fail_after(PATIENCE):
            while wire.connections.incomplete > connections.MAX_INCOMPLETE_PER_ADDRESS:
                assert (await wire.say(HEALTH)).statuses == [200]
        for _, writer in flood:
            writer.close()


async def test_a_body_that_does_not_arrive_times_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bodies with a length and chunked bodies have the same limit."""
    monkeypatch.setattr(reading, "BODY_SECONDS", 0.0)
    async with open_wire(tmp_path) as wire:
        await _set_up(wire)
        for lines in ("Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n5\r\n{"):
            reader, writer = await wire.open()
            writer.write((POST + lines).encode())
            with anyio.fail_after(PATIENCE):
                assert (await reader.readline()).split()[1] == b"408"
            writer.close()


async def test_a_client_that_disconnects_is_one_log_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A disconnect during the body is not an error of the server."""
    caplog.set_level("INFO")
    async with open_wire(tmp_path) as wire:
        await _set_up(wire)
        _, writer = await wire.open()
        writer.write(f"{POST}Content-Length: 100\r\n\r\n{{".encode())
        with anyio.fail_after(PATIENCE):
            while not len(wire.connections) or wire.connections.incomplete:
                await anyio.sleep(0.01)
            assert wire.connections.make_room(1) == 1
            while not any("closed the connection" in line for line in caplog.messages):
                await anyio.sleep(0.01)
        writer.close()

    assert not [record for record in caplog.records if record.exc_info]


async def test_the_owner_gets_in_during_a_flood_from_the_same_address(tmp_path: Path) -> None:
    """Silent, half-open and slow connections are closed first, as behind an untrusted proxy."""
    async with open_wire(tmp_path) as wire:
        await _set_up(wire)
        wire.connections.capacity = 100
        begun = (b"", b"GET / HTTP/1.1\r\nX: ", f"{POST}Content-Length: 9\r\n\r\n{{".encode())
        flood = []
        for number in range(400):
            flood.append(await wire.open())
            flood[-1][1].write(begun[number % 3])
            if number % 40 == 39:
                assert (await wire.say(HEALTH)).statuses == [200]
        assert len(wire.connections) <= 101
        for _, writer in flood:
            writer.close()


async def _set_up(wire: Wire) -> None:
    body = json.dumps({"master_password": "Correct-Horse-7", "code": wire.setup_code})
    head = POST.replace("login", "setup") + f"Content-Length: {len(body)}\r\n\r\n"
    assert (await wire.say(head + body)).statuses == [201]


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        ("Content-Length: 99999999", b"{"),
        ("Content-Length: 1048578", b'"' + b"x" * 1024**2 + b'"'),
        ("Transfer-Encoding: chunked", b"100002\r\n" + b"x" * 0x100002 + b"\r\n0\r\n\r\n"),
    ],
    ids=["said", "sent", "chunks"],
)
async def test_a_body_is_one_mebibyte_at_most(tmp_path: Path, lines: str, body: bytes) -> None:
    """Larger bodies are refused, with a length, chunked or compressed."""
    async with open_wire(tmp_path) as wire:
        await _set_up(wire)
        reader, writer = await wire.open()
        writer.write(f"{POST}{lines}\r\n\r\n".encode() + body)
        with anyio.fail_after(PATIENCE):
            line = await reader.readline()
        writer.close()
        again = await wire.say(HEALTH)

    assert line.split()[1] == b"413"
    assert again.statuses == [200]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "nonsense"])
async def test_compressed_bodies_are_refused_without_decompression(
    tmp_path: Path, coding: str
) -> None:
    """The server answers with a client error, whatever the decompressed size."""
    bomb = gzip.compress(b" " * 8 * 1024**2)
    async with open_wire(tmp_path) as wire:
        await _set_up(wire)
        for body in (bomb, b"{}"):
            head = f"{POST}Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
            said = await wire.say(head.encode() + body)
            assert said.statuses == [415]


_WAYS = [
    "..",
    "%2e%2e",
    ".%2e",
    "%252e%252e",
    "..\\",
    "..%5c",
    "%00",
    "\x00",
    "\xc0\xae\xc0\xae",
    "~",
]
_GOALS = ["etc/passwd", "app.py", "../app.py", "css/pages.css%00.png", "/etc/passwd", "\\app.py"]
_STARTS = ["/static/", "/static//", "/static/css/", "static/", "//localhost/static/", "/static%2f"]


def raw_paths() -> Iterator[str]:
    """Yield paths that lead out of a folder and that no HTTP client would send."""
    for start, way, goal in product(_STARTS, _WAYS, _GOALS):
        yield f"{start}{way}/{goal}"
        yield f"{start}{way}/{way}/{goal}"


async def test_no_raw_path_leads_out_of_the_static_files(tmp_path: Path) -> None:
    """Unescaped paths get 404 or 400, never a file and never 500."""
    async with open_wire(tmp_path) as wire:
        paths = list(raw_paths())
        assert len(paths) > 700
        found: set[int] = set()
        for path in paths:
            said = await wire.say(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
            found.update(said.statuses)
            assert b"root:" not in said.raw
            assert b"import" not in said.raw
        known = await wire.say(HEALTH.replace("/health", "/static/css/pages.css"))

    assert found <= {400, 404}
    assert known.statuses == [200]
