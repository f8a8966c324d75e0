"""Malformed and ambiguous requests: refused, and logged in one line (request smuggling)."""

import logging
from pathlib import Path

import pytest
from aiohttp import http_parser

from aniworld_core.errors import SettingsError
from aniworld_http.lifespan.unreadable import protocol_logger
from support.wire_stage import open_wire

pytestmark = pytest.mark.anyio

#: What would be answered with 200 if it were taken for a request of its own.
NEXT = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked"
POST = "POST /api/auth/login HTTP/1.1"


def request(*lines: str, body: str = NEXT, start: str = POST, host: str = "Host: localhost") -> str:
    """Return a request with these header lines and the bytes after them."""
    return "\r\n".join([start, host, "Content-Type: application/json", *lines]) + "\r\n\r\n" + body


def chunks(body: str) -> str:
    """Return a request with a body in these chunks."""
    return request(CHUNKED, body=body + NEXT)


REFUSED = {
    "length and chunks": request("Content-Length: 5", CHUNKED, body="0\r\n\r\n" + NEXT),
    "chunks and length": request(CHUNKED, "Content-Length: 5", body="0\r\n\r\n" + NEXT),
    "two lengths": request("Content-Length: 2", "Content-Length: 4", body="{}" + NEXT),
    "the same length twice": request("Content-Length: 2", "Content-Length: 2", body="{}" + NEXT),
    "a list of lengths": request("Content-Length: 2, 2", body="{}" + NEXT),
    "a negative length": request("Content-Length: -1"),
    "a length with a sign": request("Content-Length: +2", body="{}" + NEXT),
    "a hexadecimal length": request("Content-Length: 0x2", body="{}" + NEXT),
    "a length with a point": request("Content-Length: 2.0", body="{}" + NEXT),
    "a length with an underscore": request("Content-Length: 1_0", body="{}" + NEXT),
    "a length with a space": request("Content-Length: 1 0", body="{}" + NEXT),
    "an empty length": request("Content-Length: ", body="{}" + NEXT),
    "a length with a word": request("Content-Length: 2abc", body="{}" + NEXT),
    "a foreign digit": request("Content-Length: \u0662".encode().decode("latin-1"), body="{}"),
    "a length beyond 64 bits": request("Content-Length: 99999999999999999999999", body="{}"),
    "a space before the colon": request("Content-Length : 2", body="{}" + NEXT),
    "a space before that colon": request("Transfer-Encoding : chunked", body="0\r\n\r\n" + NEXT),
    "another coding": request("Transfer-Encoding: xchunked", body="0\r\n\r\n" + NEXT),
    "identity": request("Transfer-Encoding: identity", "Content-Length: 2", body="{}" + NEXT),
    "chunked is not last": request("Transfer-Encoding: chunked, identity", body="0\r\n\r\n" + NEXT),
    "codings in two lines": request(
        CHUNKED, "Transfer-Encoding: identity", body="0\r\n\r\n" + NEXT
    ),
    "chunked twice": request(CHUNKED, CHUNKED, body="0\r\n\r\n" + NEXT),
    "chunked within chunked": request(f"{CHUNKED}, chunked", body="0\r\n\r\n" + NEXT),
    "a tab before the coding": request(
        "Transfer-Encoding:\tchunked", "Content-Length: 2", body="0\r\n\r\n" + NEXT
    ),
    "a control character": request("Transfer-Encoding: \x0bchunked", body="0\r\n\r\n" + NEXT),
    "a NUL behind the coding": request(f"{CHUNKED}\x00", body="0\r\n\r\n" + NEXT),
    "a quoted coding": request('Transfer-Encoding: "chunked"', body="0\r\n\r\n" + NEXT),
    "a folded coding": request("Transfer-Encoding:", "\tchunked", body="0\r\n\r\n" + NEXT),
    "a folded length": request("X: a", " Content-Length: 2", "Content-Length: 0"),
    "a folded first line": request("Content-Length: 0", host=" Host: localhost"),
    "bare line feeds": request("Content-Length: 0", body="").replace("\r\n", "\n") + NEXT,
    "one bare line feed": request("X: a\nContent-Length: 0"),
    "a bare carriage return": request("X: a\rContent-Length: 2", "Content-Length: 0"),
    "a NUL in a value": request("X: a\x00b", "Content-Length: 0"),
    "a NUL in a name": request("X\x00: a", "Content-Length: 0"),
    "a line without colon": request("nonsense", "Content-Length: 0"),
    "a header without name": request(": x", "Content-Length: 0"),
    "a negative chunk": chunks("-1\r\n\r\n"),
    "a chunk with a prefix": chunks("0x2\r\n{}\r\n0\r\n\r\n"),
    "a chunk beyond 64 bits": chunks("fffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
    "a chunk with a sign": chunks("+2\r\n{}\r\n0\r\n\r\n"),
    "a chunk with a space": chunks("2 \r\n{}\r\n0\r\n\r\n"),
    "a chunk without size": chunks("\r\n{}\r\n0\r\n\r\n"),
    "a chunk longer than said": chunks("2\r\n{}}}\r\n0\r\n\r\n"),
    "chunks with bare line feeds": chunks("2\n{}\n0\n\n"),
    "a chunk ended by a line feed": chunks("2\r\n{}\n0\r\n\r\n"),
    "a line feed in an extension": chunks("2;a\nxx\r\n{}\r\n0\r\n\r\n"),
    "a coding as trailer": chunks(f"2\r\n{{}}\r\n0\r\n{CHUNKED}\r\n\r\n"),
    "chunks in HTTP/1.0": request(CHUNKED, start="POST / HTTP/1.0", body="0\r\n\r\n" + NEXT),
    "a wrong version": request("Content-Length: 0", start=f"{POST}x"),
    "a version to come": request("Content-Length: 0", start="POST / HTTP/2.0"),
    "no version": "GET /health\r\n\r\n" + NEXT,
    "tabs in the first line": request("Content-Length: 0", start="POST\t/\tHTTP/1.1"),
    "a greeting of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + NEXT,
    "a greeting of TLS": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + NEXT,
    "a path without end": request("Content-Length: 0", start=f"GET /{'a' * 80_000} HTTP/1.1"),
    "a header without end": request(f"X: {'a' * 20_000}", "Content-Length: 0"),
    "headers without end": request(*(f"X{n}: a" for n in range(5000))),
}


async def test_ambiguous_requests_are_refused_and_the_connection_is_closed(tmp_path: Path) -> None:
    """The server answers 400 once, and ignores the bytes after the request."""
    assert len(REFUSED) >= 40
    async with open_wire(tmp_path) as wire:
        answers = {name: (await wire.say(sent)).statuses for name, sent in REFUSED.items()}
        plain = await wire.say(NEXT)

    assert {name: got for name, got in answers.items() if got != [400]} == {}
    assert plain.statuses == [200], "it would have been answered"


@pytest.mark.parametrize(
    "sent",
    [
        chunks("2;a=b\r\n{}\r\n0\r\n\r\n"),
        chunks(f"2;{'a' * 5000}\r\n{{}}\r\n0\r\n\r\n"),
        chunks("0000000002\r\n{}\r\n0\r\n\r\n"),
        chunks("2\r\n{}\r\n0\r\nX-Trailer: x\r\n\r\n"),
        request("Content-Length: 2", body="{}" + NEXT),
        request("Content-Length: 64", body="x" * 64 + NEXT),
        request(f"Content-Length: {len(NEXT)}", start="GET /health HTTP/1.1", body=NEXT + NEXT),
        request("Transfer-Encoding: gzip, chunked", body="2\r\n{}\r\n0\r\n\r\n" + NEXT),
    ],
    ids=["extension", "long extension", "zeros", "trailer", "length", "odd", "get", "coding"],
)
async def test_valid_requests_end_at_their_declared_length(tmp_path: Path, sent: str) -> None:
    """The next request starts right after it, and gets a response of its own."""
    async with open_wire(tmp_path) as wire:
        said = await wire.say(sent)

    assert len(said.statuses) == 2
    assert said.statuses[0] != 500
    assert said.statuses[1] == 200


@pytest.mark.parametrize(
    "sent",
    [
        request("Host: evil.example", "Content-Length: 0", body=""),
        request("Content-Length: 0", host="X-Host: localhost", body=""),
        request("Content-Length: 0", host="Host: evil.example", body=""),
        request("Content-Length: 0", host="Host: localhost, evil.example", body=""),
    ],
    ids=["two", "none", "foreign", "list"],
)
async def test_a_request_needs_exactly_one_own_host(tmp_path: Path, sent: str) -> None:
    """Requests with no `Host`, two of them, or a foreign one are refused."""
    async with open_wire(tmp_path) as wire:
        said = await wire.say(sent.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))

    assert len(said.statuses) == 1
    assert said.statuses[0] in {400, 421}


async def test_the_server_refuses_the_lenient_parser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server does not start with the Python parser of aiohttp."""
    monkeypatch.setattr(http_parser, "HttpRequestParser", http_parser.HttpRequestParserPy)
    with pytest.raises(SettingsError, match="too lenient"):
        async with open_wire(tmp_path):
            pass


@pytest.mark.parametrize("length", [9_000, 60_000])
async def test_a_long_query_is_answered_as_a_problem(tmp_path: Path, length: int) -> None:
    """What is wrong in it is named, as in a short one."""
    async with open_wire(tmp_path) as wire:
        told = await wire.say(
            NEXT.replace("/health", f"/api/queue/series?serie_id={'%C3%A4' * (length // 6)}")
        )

    assert told.statuses == [403]  # there is no password yet
    assert b"application/problem+json" in told.raw


async def test_a_malformed_request_is_one_short_log_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Clients can neither fill the disk nor write content of their choice to the log."""
    caplog.set_level(logging.DEBUG)
    async with open_wire(tmp_path) as wire:
        caplog.clear()
        for sent in (NEXT.replace("Host", "CANARY\x00"), REFUSED["bare line feeds"]):
            for _ in range(3):
                await wire.say(sent)
        told = [each for each in caplog.records if "unreadable" in each.name]

    assert len(told) == 6
    assert {(each.levelname, each.exc_info) for each in told} == {("INFO", None)}
    assert all(len(each.getMessage()) < 100 for each in told)
    assert not any("CANARY" in each.getMessage() for each in caplog.records)


def test_internal_errors_are_logged_with_their_traceback() -> None:
    """Errors of the server keep their level and their traceback."""
    record = logging.LogRecord(
        "x", logging.ERROR, "", 0, "failed", (), (ValueError, ValueError("x"), None)
    )

    assert protocol_logger().filter(record)
    assert (record.levelno, record.exc_info is not None) == (logging.ERROR, True)
