"""Byte client: redirects, ranges, limits and timeouts."""

import asyncio
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import brotli
import pytest
from anyio import lowlevel
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.errors import (
    AddressRefusedError,
    AniworldError,
    BadMediaError,
    FetchInterruptedError,
    LinkExpiredError,
    LinkRefusedError,
    NeedsPersonError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_providers.network.answers import (
    DEFAULT_WAIT,
    LONGEST_WAIT,
    ContentRange,
    parse_content_range,
    transfer_wait,
)
from aniworld_providers.network.bytes.client import ByteClient
from aniworld_providers.network.bytes.response import WrongRangeError
from aniworld_providers.network.bytes.sending import Connecting
from aniworld_providers.network.bytes.transfer_state import TransferState
from aniworld_providers.network.guard import AddressGuard
from aniworld_providers.network.link_expiry import link_expiry
from providers.faults.fetching import HASTY
from providers.faults.server import FaultServer, FileFault, Wire, open_fault_server, status
from support.adapter_context import JumpingClock
from support.certificates import write_certificate

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BODY = bytes(range(256)) * 64


@attrs.define
class Counting:
    """A throttle that records the requested amounts."""

    taken: list[int] = attrs.field(factory=list)

    async def take(self, amount: int) -> None:
        """Record the amount."""
        self.taken.append(amount)
        await lowlevel.checkpoint()


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    """Run a server."""
    async with open_fault_server() as server:
        yield server


@pytest.fixture
async def other() -> AsyncIterator[FaultServer]:
    """Run a second server, which is a foreign one."""
    async with open_fault_server() as server:
        yield server


def make_client(
    *allowed: str, throttle: Counting | None = None, state: TransferState | None = None
) -> ByteClient:
    """Return a client that may reach these pairs."""
    return ByteClient(
        AddressGuard(frozenset(allowed)),
        throttle=throttle or Counting(),
        clock=JumpingClock(),
        user_agent="Aniworld/0 (tests)",
        timeouts=HASTY,
        state=state,
    )


@pytest.fixture
async def client(server: FaultServer, other: FaultServer) -> AsyncIterator[ByteClient]:
    """Open a client that may reach both servers."""
    async with make_client(server.address, other.address) as client:
        yield client


# --- response headers ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes 0-9/10", ContentRange(0, 9, 10)),
        (" bytes  5-9/* ", ContentRange(5, 9, None)),
        ("bytes */100", ContentRange(None, None, 100)),
        ("bytes 9-0/10", None),
        ("bytes 0-10/10", None),
        ("bytes -5-9/10", None),
        ("bytes 0-9", None),
        ("items 0-9/10", None),
        ("", None),
        ("bytes ٠-٩/10", None),
    ],
)
def test_content_range(value: str, expected: ContentRange | None) -> None:
    """A range that contradicts itself is not parsed."""
    assert parse_content_range(value) == expected


@given(st.text(max_size=60))
def test_content_range_never_fails(value: str) -> None:
    """Any header value is parsed or refused, without another error."""
    found = parse_content_range(value)

    assert found is None or found.start is None or found.start <= (found.end or 0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", timedelta()),
        ("7", timedelta(seconds=7)),
        ("3600", LONGEST_WAIT),
        ("Sat, 21 Nov 2026 12:00:30 GMT", timedelta(seconds=30)),
        ("Sat, 21 Nov 2026 11:00:00 GMT", DEFAULT_WAIT),
        ("Sat, 21 Nov 9999 11:00:00 GMT", DEFAULT_WAIT),
        ("-5", DEFAULT_WAIT),
        ("1e12", DEFAULT_WAIT),
        ("1000000000000", DEFAULT_WAIT),
        ("99999999999999999999999", DEFAULT_WAIT),
        ("soon", DEFAULT_WAIT),
        ("", DEFAULT_WAIT),
        ("٣", DEFAULT_WAIT),
    ],
)
def test_retry_after(value: str, expected: timedelta) -> None:
    """A wait is at most 15 minutes; an unusable value gives the default."""
    assert transfer_wait(value, NOW) == expected


@given(st.text(max_size=60))
def test_retry_after_never_fails(value: str) -> None:
    """Any header value gives a valid wait."""
    assert timedelta() <= transfer_wait(value, NOW) <= LONGEST_WAIT


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("code", "headers", "page", "error"),
    [
        (401, {}, b"", LinkRefusedError),
        (403, {}, b"", LinkRefusedError),
        (403, {}, b"<title>Just a moment...</title>", NeedsPersonError),
        (403, {"cf-mitigated": "challenge"}, b"", NeedsPersonError),
        (503, {}, b"<p>Checking your browser (DDoS-Guard)</p>", NeedsPersonError),
        (404, {}, b"<p>captcha</p>", SourceGoneError),
        (410, {}, b"", LinkRefusedError),
        (451, {}, b"", SourceGoneError),
        (400, {}, b"", UnsupportedSourceError),
        (429, {}, b"", FetchInterruptedError),
        (500, {}, b"", FetchInterruptedError),
        (304, {}, b"", FetchInterruptedError),
    ],
)
async def test_refusals(
    server: FaultServer,
    client: ByteClient,
    code: int,
    headers: dict[str, str],
    page: bytes,
    error: type[AniworldError],
) -> None:
    """Each kind of refusal raises its own error."""
    kind = ("Content-Type", "text/html; charset=utf-8")
    server.routes["/"] = status(code, kind, *headers.items(), page=page)

    with pytest.raises(error):
        await client.read_all(server.url("/"), max_bytes=100)


# --- redirects -----------------------------------------------------------------------------


@pytest.mark.anyio
async def test_secrets_stay_with_their_server(
    server: FaultServer, other: FaultServer, client: ByteClient
) -> None:
    """Credentials follow a redirect on the same server and never go to another."""
    server.routes["/a"] = status(302, ("Location", "/b"))
    server.routes["/b"] = status(307, ("Location", other.url("/c")))
    other.routes["/c"] = status(308, ("Location", server.url("/d")))
    server.routes["/d"] = status(200, page=b"x")
    secrets = [
        ("Authorization", "Bearer secret"),
        ("Cookie", "session=secret"),
        ("X-Token", "secret"),
        ("Referer", "https://example.org/watch"),
        ("User-Agent", "Mozilla/5.0"),
    ]

    body = await client.read_all(server.url("/a"), headers=secrets, max_bytes=10)

    assert body.url == server.url("/d")
    assert server.log[1].headers["cookie"] == "session=secret"
    for hit in (other.log[0], server.log[2]):
        assert "secret" not in " ".join(hit.headers.values())
        assert hit.headers["referer"] == "https://example.org/watch"
        assert hit.headers["user-agent"] == "Mozilla/5.0"


@pytest.mark.anyio
async def test_credentials_are_for_the_servers_that_links_name(
    server: FaultServer, other: FaultServer
) -> None:
    """A playlist may list segments on other servers; they do not get its credentials."""
    state = TransferState.fresh(JumpingClock())
    state.add_credential_server(server.url("/list"))
    server.routes["/list"] = other.routes["/segment"] = status(200, page=b"x")
    headers = [("Authorization", "secret"), ("cookie", "id=secret"), ("Referer", "https://a.b/")]

    async with make_client(server.address, other.address, state=state) as client:
        await client.read_all(server.url("/list"), headers=headers, max_bytes=10)
        await client.read_all(other.url("/segment"), headers=headers, max_bytes=10)

    assert server.log[0].headers["authorization"] == "secret"
    assert server.log[0].headers["cookie"] == "id=secret"
    assert "secret" not in " ".join(other.log[0].headers.values())
    assert other.log[0].headers["referer"] == "https://a.b/"


@pytest.mark.anyio
async def test_cookies_belong_to_one_server_and_one_transfer(
    server: FaultServer, other: FaultServer
) -> None:
    """A cookie of a redirect or response is sent with later requests of its transfer only."""
    given = ("Set-Cookie", "a=secret; Path=/")
    server.routes["/list"] = status(302, ("Location", "/real"), given)
    server.routes["/real"] = status(200, ("Set-Cookie", "b=secret; Path=/"), page=b"x")
    server.routes["/away"] = status(302, ("Location", other.url("/segment")))
    other.routes["/segment"] = status(200, page=b"x")
    state = TransferState.fresh(JumpingClock())

    async with make_client(server.address, other.address, state=state) as client:
        await client.read_all(server.url("/list"), max_bytes=10)
        await client.read_all(server.url("/away"), max_bytes=10)
    async with make_client(server.address, state=state) as client:
        await client.read_all(server.url("/real"), max_bytes=10)
    async with make_client(server.address) as client:
        await client.read_all(server.url("/real"), max_bytes=10)

    sent = [hit.headers.get("cookie") for hit in server.log]
    assert sent == [None, "a=secret", "a=secret; b=secret", "a=secret; b=secret", None]
    assert "cookie" not in other.log[0].headers


@pytest.mark.anyio
@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://user:x@127.0.0.1/",
        "http://[",
        "data:,",
    ],
)
async def test_redirects_lead_to_links_only(
    server: FaultServer, client: ByteClient, location: str
) -> None:
    """The target of every redirect must be a valid link."""
    server.routes["/"] = status(302, ("Location", location))

    with pytest.raises(AddressRefusedError):
        await client.read_all(server.url("/"), max_bytes=10)


@pytest.mark.anyio
async def test_a_hop_to_a_port_that_is_not_listed_is_refused(
    server: FaultServer, other: FaultServer
) -> None:
    """A grant is for one port, also after a redirect."""
    server.routes["/"] = status(302, ("Location", other.url("/")))
    async with make_client(server.address) as client:
        with pytest.raises(AddressRefusedError):
            await client.read_all(server.url("/"), max_bytes=10)

    assert other.log == []


@pytest.mark.anyio
async def test_redirects_end(server: FaultServer, client: ByteClient) -> None:
    """Twenty redirects are followed, the next is an error, and a loop is reported at once."""
    for number in range(21):
        server.routes[f"/{number}"] = status(303, ("Location", f"/{number + 1}"))
    server.routes["/21"] = status(200, page=b"there")
    server.routes["/circle"] = status(301, ("Location", "/arc?secret=1#x"))
    server.routes["/arc"] = status(302, ("Location", "/circle"))

    assert bytes((await client.read_all(server.url("/1"), max_bytes=10)).data) == b"there"
    with pytest.raises(FetchInterruptedError, match="redirects more than 20 times"):
        await client.read_all(server.url("/0"), max_bytes=10)
    server.log.clear()
    with pytest.raises(FetchInterruptedError, match=r"loop: .*/circle → .*/arc → .*/circle$"):
        await client.read_all(server.url("/circle"), max_bytes=10)
    assert len(server.log) == 2


@pytest.mark.anyio
async def test_a_redirect_that_sets_a_cookie_is_not_a_loop(
    server: FaultServer, client: ByteClient
) -> None:
    """A server may redirect to the same link until the client sends its cookie."""

    async def check(wire: Wire) -> None:
        if wire.hit.headers.get("cookie") == "seen=1":
            await status(200, page=b"there")(wire)
        else:
            await status(302, ("Location", "/"), ("Set-Cookie", "seen=1"))(wire)

    server.routes["/"] = check

    assert bytes((await client.read_all(server.url("/"), max_bytes=10)).data) == b"there"


@pytest.mark.anyio
async def test_a_redirect_without_location_is_an_error(
    server: FaultServer, client: ByteClient
) -> None:
    """A redirect without a `Location` is an unsupported answer."""
    server.routes["/"] = status(302)

    with pytest.raises(UnsupportedSourceError, match="302 without a Location"):
        await client.read_all(server.url("/"), max_bytes=10)


@pytest.mark.anyio
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/there is", "/there%20is"),
        ("there?a=%2f#part", "/a/there"),
        ("../b/./c", "/b/c"),
        ("//{address}/there", "/there"),
        ("/f\u00fclm", "/f%C3%BClm"),
        ("/f\udcfclm", "/f%FClm"),
        ("/f\udcfclm%20\udce9", "/f%FClm%20%E9"),
    ],
)
async def test_locations_as_servers_write_them(
    server: FaultServer, client: ByteClient, code: int, location: str, path: str
) -> None:
    """Spaces, fragments, relative links, UTF-8 and Latin-1 give the same target as in browsers."""
    named = location.format(address=server.address).encode("utf-8", "surrogateescape")

    async def redirect(wire: Wire) -> None:
        wire.raw(b"HTTP/1.1 %d R\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (code, named))

    server.routes["/a/b"] = redirect
    server.routes[path] = status(200, page=b"there")

    assert bytes((await client.read_all(server.url("/a/b"), max_bytes=10)).data) == b"there"


@pytest.mark.anyio
async def test_a_latin_1_location_may_mean_a_utf_8_name(
    server: FaultServer, client: ByteClient
) -> None:
    """Some servers write names in Latin-1 and read them as UTF-8."""

    async def redirect(wire: Wire) -> None:
        wire.raw(b"HTTP/1.1 302 R\r\nLocation: /f\xfclm\r\nContent-Length: 0\r\n\r\n")

    server.routes["/"] = redirect
    server.routes["/f%FClm"] = status(404)
    server.routes["/f%C3%BClm"] = status(200, page=b"there")

    assert bytes((await client.read_all(server.url("/"), max_bytes=10)).data) == b"there"


# --- bodies --------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_identity_is_asked_for_and_links_cannot_change_it(
    server: FaultServer, client: ByteClient
) -> None:
    """Headers of a link set neither range nor encoding nor host, and contain no line break."""
    server.routes["/"] = status(200, page=b"x")
    tricks = [
        ("accept-encoding", "gzip"),
        ("Host", "evil.example"),
        ("range", "bytes=0-0"),
        ("X-Good", "yes"),
        ("X-Bad", "a\r\nX-Injected: b"),
        ("Bad Name", "x"),
    ]

    await client.read_all(server.url("/"), headers=tricks, max_bytes=10)

    headers = server.log[0].headers
    assert headers["accept-encoding"] == "identity"
    assert headers["host"] == server.address
    assert headers["x-good"] == "yes"
    assert not {"range", "x-injected", "x-bad"} & set(headers)


@pytest.mark.anyio
@pytest.mark.parametrize("ranges", [True, False])
async def test_a_span_is_cut_out(server: FaultServer, client: ByteClient, ranges: bool) -> None:
    """The requested range is cut out if the server sends everything."""
    server.routes["/"] = FileFault(body=BODY, ranges=ranges)

    body = await client.read_all(server.url("/"), span=(1000, 1999), max_bytes=1000)

    assert bytes(body.data) == BODY[1000:2000]


@pytest.mark.anyio
async def test_a_wrong_or_short_span_is_refused(server: FaultServer, client: ByteClient) -> None:
    """Another range, an unrequested range and too few bytes are errors."""
    server.routes["/other"] = FileFault(body=BODY, named_shift=7)
    server.routes["/short"] = FileFault(body=BODY)

    with pytest.raises(WrongRangeError):
        await client.read_all(server.url("/other"), span=(5, 9), max_bytes=100)
    with pytest.raises(FetchInterruptedError):
        await client.read_all(
            server.url("/short"), span=(len(BODY) - 5, len(BODY) + 5), max_bytes=100
        )
    with pytest.raises(FetchInterruptedError):
        await client.read_all(server.url("/short"), span=(len(BODY), None), max_bytes=100)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("code", "named", "is_whole"),
    [
        (206, "bytes 0-9/10", True),
        (206, "bytes  0-9/10 ", True),
        (203, None, True),
        (206, "bytes 0-9/11", False),
        (206, "bytes 1-10/11", False),
        (206, "bytes 0-9/*", False),
        (206, None, False),
    ],
)
async def test_an_unrequested_part(
    server: FaultServer, client: ByteClient, code: int, named: str | None, is_whole: bool
) -> None:
    """An unrequested 206 is accepted if its range covers the whole file, otherwise refused."""

    async def answer(wire: Wire) -> None:
        headers = [("Content-Range", named)] if named is not None else []
        await wire.head(code, *headers, ("Content-Length", 10))
        await wire.body(b"0123456789")

    server.routes["/"] = answer

    if is_whole:
        body = await client.read_all(server.url("/"), max_bytes=100)
        assert bytes(body.data) == b"0123456789"
    else:
        with pytest.raises(WrongRangeError, match="part"):
            await client.read_all(server.url("/"), max_bytes=100)


@pytest.mark.anyio
@pytest.mark.parametrize("length", [0, None])
async def test_bodies_have_a_limit(
    server: FaultServer, client: ByteClient, length: int | None
) -> None:
    """A body one byte above the limit is refused, one at the limit is not."""
    server.routes["/"] = FileFault(body=BODY, length=length)

    body = await client.read_all(server.url("/"), max_bytes=len(BODY))
    assert bytes(body.data) == BODY
    with pytest.raises(BadMediaError):
        await client.read_all(server.url("/"), max_bytes=len(BODY) - 1)


@pytest.mark.anyio
async def test_gzip_unfolds_within_the_limit(server: FaultServer, client: ByteClient) -> None:
    """A gzip body is decompressed up to the limit; damage and bombs are errors."""

    def packed(data: bytes, name: str = "gzip") -> object:
        async def behave(wire: Wire) -> None:
            await wire.head(200, ("Content-Encoding", name), ("Content-Length", len(data)))
            await wire.body(data)

        return behave

    bomb = gzip.compress(bytes(50_000_000))
    for path, behaviour in {
        "/small": packed(gzip.compress(BODY)),
        "/bomb": packed(bomb),
        "/damaged": packed(gzip.compress(BODY)[:50] + b"x" * 50),
        "/cut": packed(gzip.compress(BODY)[:-20]),
        "/members": packed(gzip.compress(BODY[:99]) + gzip.compress(BODY[99:])),
        "/deflate": packed(zlib.compress(BODY), "deflate"),
        "/raw-deflate": packed(zlib.compress(BODY)[2:-4], "Deflate"),
        "/brotli": packed(brotli.compress(BODY), "br"),
        "/twice": packed(gzip.compress(brotli.compress(BODY)), "br, gzip"),
        "/brotli-bomb": packed(brotli.compress(bytes(50_000_000)), "br"),
        "/brotli-damaged": packed(BODY, "br"),
        "/unknown": packed(BODY, "zstd"),
        "/too-often": packed(BODY, "gzip, gzip, gzip"),
    }.items():
        server.routes[path] = behaviour  # type: ignore[assignment]

    for path in ("/small", "/members", "/deflate", "/raw-deflate", "/brotli", "/twice"):
        assert bytes((await client.read_all(server.url(path), max_bytes=10**6)).data) == BODY, path
    for path in (
        *("/bomb", "/damaged", "/brotli-bomb", "/brotli-damaged", "/unknown", "/too-often"),
    ):
        with pytest.raises(BadMediaError):
            await client.read_all(server.url(path), max_bytes=10**6)
    with pytest.raises(FetchInterruptedError):
        await client.read_all(server.url("/cut"), max_bytes=10**6)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "named",
    [
        *("", "identity", "Identity", "none", "binary", "aws-chunked", "AWS-Chunked", "utf-8"),
        *("identity, aws-chunked", " , ", "8bit", "video/mp4"),
    ],
)
async def test_unregistered_codings_are_plain(
    server: FaultServer, client: ByteClient, named: str
) -> None:
    """A coding name that is not registered leaves the bytes unchanged."""

    async def answer(wire: Wire) -> None:
        await wire.head(200, ("Content-Encoding", named), ("Content-Length", len(BODY)))
        await wire.body(BODY)

    server.routes["/"] = answer

    body = await client.read_all(server.url("/"), max_bytes=len(BODY))
    async with client.open(server.url("/")) as response:
        received = b"".join([bytes(chunk) async for chunk in response.chunks()])

    assert bytes(body.data) == received == BODY


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("head", "tail"),
    [
        ("HTTP/1.1 200 OK\r\nX-Long: {long}\r\nContent-Length: 4\r\n\r\n", "good"),
        ("HTTP/1.1 200 OK\r\n{many}Content-Length: 4\r\n\r\n", "good"),
        ("HTTP/1.0 200 OK\r\n\r\n", "good"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", "good"),
        (
            "HTTP/1.1 103 Early\r\nLink: <a>\r\n\r\nHTTP/1.1 200 K\r\nContent-Length: 4\r\n\r\n",
            "good",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "2;name=x\r\ngo\r\n2\r\nod\r\n0\r\nX-Sum: 1\r\n\r\n",
        ),
        ("HTTP/1.1 200 OK\nContent-Length: 4\n\n", "good"),
        ("HTTP/1.1 200 OK\r\nX-Odd: f\udcfc \u00fc\r\nContent-Length: 4\r\n\r\n", "good"),
        ("HTTP/1.1 200 OK\r\nAccept-Ranges: none\r\nContent-Length: 4\r\n\r\n", "good"),
        ("HTTP/1.1 200\r\nContent-Length: 4\r\n\r\n", "good"),
    ],
    ids=[
        *("long-field", "many-fields", "http-1.0", "continue", "early-hints", "chunk-extension"),
        *("bare-line-feeds", "odd-bytes", "no-ranges", "no-reason"),
    ],
)
async def test_odd_but_clear_responses_are_accepted(
    server: FaultServer, client: ByteClient, head: str, tail: str
) -> None:
    """Unusual responses with one possible meaning are accepted, as in browsers."""
    many = "".join(f"X-{number}: {'v' * 60}\r\n" for number in range(800))
    text = head.format(long="v" * 60_000, many=many) + tail

    async def answer(wire: Wire) -> None:
        wire.raw(text.encode("utf-8", "surrogateescape"))

    server.routes["/"] = answer

    assert bytes((await client.read_all(server.url("/"), max_bytes=10)).data) == b"good"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"v" * 70_000 + b"\r\n\r\n", "longer than 64 KiB"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no valid HTTP response"),
        (b"HTTP/1.1 200 K\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n", "Duplicate Content-"),
        (b"", "closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nbroken", "missing|broke"),
    ],
)
async def test_bad_answers_are_named(
    server: FaultServer, client: ByteClient, text: bytes, reason: str
) -> None:
    """The reason names what was wrong with the response, and no cause that was not seen."""

    async def answer(wire: Wire) -> None:
        wire.raw(text)

    server.routes["/"] = answer

    with pytest.raises(FetchInterruptedError, match=reason):
        await client.read_all(server.url("/?token=secret"), max_bytes=100)


@pytest.mark.parametrize(
    ("query", "expiry"),
    [
        ("expires=1700000000", 1_700_000_000),
        ("a=b&Expires=1700000000&Signature=x", 1_700_000_000),
        ("e=1700000000000", 1_700_000_000),
        ("X-Amz-Date=20231114T221320Z&X-Amz-Expires=60", 1_700_000_060),
        ("se=2023-11-14T22:13:20Z", 1_700_000_000),
        ("hdnts=st=1~exp=1700000000~acl=/*~hmac=0", 1_700_000_000),
        ("expires=soon&e=12&id=1700000000", None),
        ("", None),
    ],
)
def test_link_expiry(query: str, expiry: int | None) -> None:
    """Expiry times in signed links are parsed; other numbers are ignored."""
    found = link_expiry(f"https://cdn.example.org/film.mp4?{query}")

    assert (None if found is None else int(found.timestamp())) == expiry


@given(st.text(max_size=300))
def test_link_expiry_never_fails(query: str) -> None:
    """Any link is parsed or ignored, without another error."""
    found = link_expiry(f"https://cdn.example.org/film.mp4?{query}")

    assert found is None or found.tzinfo is not None


@pytest.mark.anyio
async def test_expired_links_are_recognised(server: FaultServer, client: ByteClient) -> None:
    """A refusal means an expired link if its expiry time is over or the status is 410."""
    server.routes["/"] = status(403)
    server.routes["/gone"] = status(410)

    for path, is_expired in (
        ("/?expires=1700000000", True),
        ("/gone", True),
        ("/", False),
        ("/?expires=1900000000", False),
    ):
        with pytest.raises(LinkRefusedError) as raised:
            await client.read_all(server.url(path), max_bytes=10)
        assert isinstance(raised.value, LinkExpiredError) is is_expired
        assert ("expired" in str(raised.value)) is is_expired


@pytest.mark.anyio
async def test_media_bytes_count_against_the_limit(server: FaultServer) -> None:
    """Every media byte counts against the bandwidth limit, in portions of at most 1 MiB."""
    throttle = Counting()
    server.routes["/"] = FileFault(body=BODY * 200)
    async with make_client(server.address, throttle=throttle) as client:
        await client.read_all(server.url("/"), max_bytes=10**7)
        assert throttle.taken == []
        async with client.open(server.url("/")) as response:
            received = sum([len(chunk) async for chunk in response.chunks()])

    assert sum(throttle.taken) == received == len(BODY) * 200
    assert max(throttle.taken) <= 1024 * 1024


@pytest.mark.anyio
async def test_what_arrived_before_a_break_is_given(
    server: FaultServer, client: ByteClient
) -> None:
    """Bytes that arrived before a connection broke are returned."""
    server.routes["/"] = FileFault(body=BODY * 100, cut=500_000)
    received: list[int] = []

    async def read() -> None:
        async with client.open(server.url("/")) as response:
            async for chunk in response.chunks():
                received.append(len(chunk))
                await lowlevel.checkpoint()

    with pytest.raises(FetchInterruptedError):
        await read()

    assert sum(received) == 500_000


@pytest.mark.anyio
async def test_unusual_links_stay_unchanged(server: FaultServer, client: ByteClient) -> None:
    """Only spaces and non-ASCII characters are quoted, because signatures cover the rest."""
    for path in ("/a%2Fb%7e", "/with%20space", "/%C3%BCber"):
        server.routes[path] = status(200, page=b"x")

    await client.read_all(server.url("/a%2Fb%7e?sig=%2b%2F"), max_bytes=10)
    await client.read_all(server.url("/with space"), max_bytes=10)
    await client.read_all(server.url("/über"), max_bytes=10)

    assert [hit.path for hit in server.log] == ["/a%2Fb%7e", "/with%20space", "/%C3%BCber"]


@pytest.mark.anyio
async def test_an_unreachable_server_can_be_retried(
    client: ByteClient, server: FaultServer
) -> None:
    """A refused connection raises an error that can be retried."""
    async with open_fault_server() as gone:
        address = gone.address
    async with make_client(address) as client:
        with pytest.raises(FetchInterruptedError):
            await client.read_all(f"http://{address}/", max_bytes=10)


@pytest.mark.anyio
async def test_certificates_are_checked(tmp_path: Path) -> None:
    """A self-signed server is refused, and no option changes that."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(write_certificate(tmp_path, "127.0.0.1"))
    listener = await asyncio.start_server(_ignore, "127.0.0.1", 0, ssl=context)
    pair = f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        async with make_client(pair) as client:
            with pytest.raises(UnsupportedSourceError, match="certificate"):
                await client.read_all(f"https://{pair}/", max_bytes=10)
    finally:
        listener.close()


@pytest.mark.anyio
async def test_https_does_not_lead_down_to_http(tmp_path: Path) -> None:
    """A redirect from https to http is refused before a request is sent."""
    pem = write_certificate(tmp_path, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 302 X\r\nLocation: http://example.org/\r\nContent-Length: 0\r\n\r\n"
        )
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(redirect, "127.0.0.1", 0, ssl=context)
    pair = f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    client = ByteClient(
        AddressGuard(frozenset({pair})),
        throttle=Counting(),
        clock=JumpingClock(),
        user_agent="test",
        connecting=Connecting(tls=ssl.create_default_context(cafile=str(pem))),
    )
    try:
        async with client:
            with pytest.raises(AddressRefusedError, match="plain http"):
                await client.read_all(f"https://{pair}/", max_bytes=10)
    finally:
        listener.close()


async def _ignore(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()
