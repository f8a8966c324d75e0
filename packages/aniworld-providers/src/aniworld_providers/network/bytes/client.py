"""HTTP client for media bytes; the only module that uses the aiohttp client.

aiohttp 3.14 can wait for ever on a malformed chunk despite its timeouts, so every read has its
own time limit here. The client follows redirects itself: each target must pass the guard and
must not get the credentials for another server. It refuses a redirect from https to plain http,
except to a server that the owner listed.
"""

import asyncio
import contextlib
import contextvars
import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final, Self

import aiohttp
import attrs
from aiohttp.abc import AbstractResolver
from yarl import URL

from aniworld_core.errors import (
    AddressRefusedError,
    AniworldError,
    FetchInterruptedError,
    InvalidLinkError,
    UnsupportedSourceError,
    shown_link,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext, Throttle
from aniworld_providers.network.answers import PAGE_HEAD, REDIRECT_STATUSES, refusal
from aniworld_providers.network.bytes.connection_limit import Attempt
from aniworld_providers.network.bytes.errors import RefusedSocketError, client_error
from aniworld_providers.network.bytes.response import ByteResponse
from aniworld_providers.network.bytes.timeouts import Timeouts
from aniworld_providers.network.bytes.transfer_state import TransferState
from aniworld_providers.network.guard import AddressGuard, Target
from aniworld_providers.network.redirects import (
    MOST_REDIRECTS,
    loop_text,
    next_hop,
    sent_link,
)

#: Largest response head, and so the longest line in it, in bytes.
MAX_HEAD: Final = 64 * 1024
#: Most header fields of a response; the shortest takes four bytes and a line end.
_MOST_FIELDS: Final = MAX_HEAD // 6
#: Bytes per read; aiohttp buffers twice as many of a body that nobody reads.
_BUFFER: Final = 256 * 1024
#: Request headers that only the client itself may set.
_RESERVED: Final = frozenset(
    (
        *("host", "connection", "keep-alive", "te", "upgrade", "expect", "content-length"),
        *("transfer-encoding", "accept-encoding", "range", "if-range", "proxy-authorization"),
    )
)
#: Credential headers, sent only to the servers that the links of a transfer name.
_CREDENTIALS: Final = frozenset({"authorization", "cookie"})
#: Headers that a redirect to another server keeps.
_PORTABLE: Final = frozenset({"accept", "accept-language", "user-agent", "referer", "origin"})

#: Errors for a connection that the server closes without a response.
_CLOSED: Final = (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)

_host: contextvars.ContextVar[str] = contextvars.ContextVar("_host", default="")


@attrs.frozen
class Body:
    """A complete small response."""

    data: bytearray
    url: str
    headers: Mapping[str, str]


@attrs.frozen(kw_only=True)
class Connecting:
    """Options for connections.

    Attributes:
        connections: Most connections to one server.
        tls: Certificates to trust instead of the default ones.
        resolver: Resolver of host names instead of the system's.
    """

    connections: int = 8
    tls: ssl.SSLContext | None = None
    resolver: AbstractResolver | None = None


class ByteClient:
    """Fetch bytes over HTTP with one guard; an async context that closes its connections.

    Guards never share a connection, so one stream cannot use what another may reach.
    """

    def __init__(
        self,
        guard: AddressGuard,
        *,
        throttle: Throttle,
        clock: Clock,
        user_agent: str,
        timeouts: Timeouts | None = None,
        state: TransferState | None = None,
        connecting: Connecting | None = None,
    ) -> None:
        self._guard = guard
        self._throttle = throttle
        self._clock = clock
        self._user_agent = user_agent
        self._timeouts = timeouts or Timeouts()
        self._state = state or TransferState.fresh(clock)
        self._connecting = connecting or Connecting()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            # Two extra connections for probes beside the parts.
            limit=self._connecting.connections + 2,
            resolver=self._connecting.resolver or aiohttp.ThreadedResolver(),
            socket_factory=self._guarded_socket,
            ssl=self._connecting.tls or True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=_BUFFER,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._timeouts.connect),
            trace_configs=[_connection_trace()],
            trust_env=False,
            max_line_size=MAX_HEAD,
            max_field_size=MAX_HEAD,
            max_headers=_MOST_FIELDS,
        )
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    @contextlib.asynccontextmanager
    async def open(
        self,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        span: tuple[int, int | None] | None = None,
        if_range: str | None = None,
        method: str = "GET",
        metered: bool = True,
    ) -> AsyncIterator[ByteResponse]:
        """Send a request and yield the response once its headers have arrived.

        Yields the statuses 200 and, only if a range was requested, 206 (with a `Content-Range`
        that starts at the requested byte) and 416. An unrequested 206 with the whole file counts
        as 200. After a refusal that may come from too many connections, it retries with fewer.

        Args:
            url: The link.
            headers: Headers for its server; a redirect to another server keeps only
                `_PORTABLE` ones.
            span: First and last byte of the range, the last included; `None` for the end.
            if_range: Validator that the range depends on.
            method: `GET` or `HEAD`.
            metered: Whether the bytes count against the bandwidth limit.

        Raises:
            InvalidLinkError: If *url* is not a usable link.
            AddressRefusedError: If the guard refuses its address.
            FetchInterruptedError: If the server cannot be reached or asks to wait.
            LinkRefusedError: If it answers 401, 403 or 410.
            SourceGoneError: If it answers 404 or 451.
            NeedsPersonError: If it answers with a bot check.
            UnsupportedSourceError: If it answers with another permanent error.
            WrongRangeError: If it sends another range than the requested one.
            BadMediaError: If it sends compressed bytes.
        """
        asked = _range_headers(span, if_range)
        answer, attempt, target = await self._granted(method, url, dict(headers), asked)
        response: ByteResponse | None = None
        try:
            throttle = self._throttle if metered else None
            response = ByteResponse(
                answer,
                span=span,
                timeouts=self._timeouts,
                throttle=throttle,
                stall=self._state.stall,
            )
            response.check()
            response.hold()
            yield response
        finally:
            if response is not None:
                response.let_go()
            answer.close()
            self._state.limit_of(target).leave(attempt)

    async def read_all(
        self,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        max_bytes: int,
        span: tuple[int, int | None] | None = None,
        metered: bool = False,
    ) -> Body:
        """Return a complete small body: a playlist, a key, a segment.

        With *span*, return exactly that range, even if the server sends everything. A body that
        the server compressed unasked is decompressed; the limit applies to the result.

        Raises:
            BadMediaError: If it is larger than *max_bytes*.
            FetchInterruptedError: If it ends before its announced length.
            What `open` raises.
        """
        async with self.open(url, headers=headers, span=span, metered=metered) as response:
            if response.status == 416:
                raise FetchInterruptedError(Message("no_such_range"))
            data = await response.read(max_bytes)
            self._state.stall.progressed()
            return Body(data, response.url, response.headers)

    # --- refusals ------------------------------------------------------------------------

    async def _granted(
        self, method: str, url: str, extra: dict[str, str], asked: dict[str, str]
    ) -> tuple[aiohttp.ClientResponse, Attempt, Target]:
        """Send a request until the server accepts it, over fewer connections if that may help."""
        link = sent_link(url)
        target = self._guard.check_url(str(link))
        limit, attempt = self._state.limit_of(target), Attempt()
        try:
            while True:
                await limit.enter(attempt)
                try:
                    answer, place = await self._follow(method, link, target, extra, asked)
                    if answer.status < 400 or (answer.status == 416 and "Range" in asked):
                        limit.granted(attempt)
                        return answer, attempt, target
                    error: AniworldError = await self._refused(answer, place)
                    answer.close()
                    names_wait = "Retry-After" in answer.headers
                    wait = limit.judge(attempt, error, answer.status, names_wait=names_wait)
                except FetchInterruptedError as exc:
                    is_closed = isinstance(exc.__cause__, _CLOSED)
                    error, wait = exc, limit.judge(attempt, exc, None) if is_closed else None
                if wait is None:
                    raise error  # noqa: TRY301 - the handler below counts the request as closed
                if not attempt.is_held:
                    limit.leave(attempt)
                await self._clock.sleep(timedelta(seconds=wait))
        except BaseException:
            limit.leave(attempt)
            raise

    # --- redirects -----------------------------------------------------------------------

    async def _follow(
        self,
        method: str,
        link: URL,
        target: Target,
        extra: dict[str, str],
        asked: dict[str, str],
    ) -> tuple[aiohttp.ClientResponse, Target]:
        trusted = self._state.credential_servers
        is_trusted = not trusted or target in trusted
        own = {
            name: value
            for name, value in extra.items()
            if name.lower() not in _RESERVED
            and _is_header(name, value)
            and (is_trusted or name.lower() not in _CREDENTIALS)
        }
        seen: dict[URL, int] = {}
        other: URL | None = None
        while len(seen) <= MOST_REDIRECTS:
            revision = self._state.cookies.revision
            answer = await self._request(method, link, target, own | asked)
            if answer.status == 404 and other is not None:
                answer.close()
                link, other = other, None
                continue
            if answer.status not in REDIRECT_STATUSES:
                return answer, target
            seen[link] = revision
            location = answer.headers.get("Location", "")
            answer.close()
            if not location.strip():
                raise UnsupportedSourceError(
                    target.host, f"it answers HTTP {answer.status} without a Location"
                )
            hop, before = next_hop(link, location), target
            # A changed cookie can make the same link return something else.
            if seen.get(hop.link) == self._state.cookies.revision:
                raise FetchInterruptedError(loop_text([*seen], hop.link))
            link, other = hop.link, hop.other
            target = self._checked_hop(str(link), before)
            if target != before:
                own = {k: v for k, v in own.items() if k.lower() in _PORTABLE}
        raise FetchInterruptedError(
            Message("too_many_redirects", host=target.host, limit=MOST_REDIRECTS)
        )

    def _checked_hop(self, link: str, before: Target) -> Target:
        try:
            target = self._guard.check_url(link)
        except InvalidLinkError as exc:
            raise AddressRefusedError(
                shown_link(link), f"a redirect leads there: {exc.reason}"
            ) from exc
        is_downgrade = before.scheme == "https" and target.scheme == "http"
        if is_downgrade and not self._guard.grants(target.host, target.port):
            raise AddressRefusedError(
                f"{target.host}:{target.port}", "a redirect leads from https to plain http"
            )
        return target

    async def _request(
        self, method: str, link: URL, target: Target, headers: dict[str, str]
    ) -> aiohttp.ClientResponse:
        if self._session is None:
            raise FetchInterruptedError("the client is closed")
        place, stall = f"{target.host}:{target.port}", self._state.stall
        connection = SimpleNamespace(is_made=False)
        limit = min(self._timeouts.connect + self._timeouts.headers, stall.left)
        token = _host.set(target.host)
        try:
            with stall.waiting():
                async with asyncio.timeout(limit):
                    answer = await self._session.request(
                        method,
                        link,
                        headers=self._sent_headers(link, target, headers),
                        allow_redirects=False,
                        trace_request_ctx=connection,
                    )
        except TimeoutError as exc:
            observed = f"no connection to {place}"
            if connection.is_made:
                observed = f"{place} sent no complete response headers"
            if stall.is_over:
                raise stall.error(observed) from exc
            raise FetchInterruptedError(f"{observed} within {limit:.0f} s") from exc
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            raise client_error(exc, place) from exc
        finally:
            _host.reset(token)
        cookies = answer.headers.getall("Set-Cookie", ())
        self._state.cookies.store(cookies, target, link.raw_path)
        return answer

    def _sent_headers(self, link: URL, target: Target, given: dict[str, str]) -> dict[str, str]:
        defaults = {"User-Agent": self._user_agent, "Accept": "*/*"}
        named = {name.lower() for name in given}
        sent = {k: v for k, v in defaults.items() if k.lower() not in named}
        sent |= {k: v for k, v in given.items() if k.lower() != "cookie"}
        cookie = next((v for k, v in given.items() if k.lower() == "cookie"), "")
        cookie = self._state.cookies.header(target, link.raw_path, cookie)
        if cookie:
            sent["Cookie"] = cookie
        return sent | {"Accept-Encoding": "identity"}

    async def _refused(self, answer: aiohttp.ClientResponse, target: Target) -> AniworldError:
        page = b""
        if "html" in answer.headers.get("Content-Type", "").lower():
            with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
                async with asyncio.timeout(min(5.0, self._timeouts.read)):
                    while len(page) < PAGE_HEAD and (more := await answer.content.readany()):
                        page += more
        return refusal(
            answer.status,
            answer.headers,
            page,
            link=str(answer.url),
            host=target.host,
            now=self._clock.now(),
        )

    def _guarded_socket(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = info
        try:
            self._guard.require(str(address[0]), int(address[1]), host=_host.get())
        except AddressRefusedError as exc:
            raise RefusedSocketError(exc) from exc
        return socket.socket(family=family, type=kind, proto=protocol)


def open_byte_client(
    context: AdapterContext,
    *,
    reach: Iterable[str] = (),
    connections: int = 8,
    timeouts: Timeouts | None = None,
    state: TransferState | None = None,
) -> ByteClient:
    """Return the client of one stream.

    Args:
        context: The adapter context.
        reach: `host:port` pairs that this stream may reach besides the allowed addresses.
        connections: Most connections to one server.
        timeouts: Time limits; the defaults if `None`.
        state: State of the transfer; a fresh one if `None`.
    """
    return ByteClient(
        AddressGuard(context.allowed_addresses).with_reach(reach),
        throttle=context.throttle,
        clock=context.clock,
        user_agent=context.user_agent,
        timeouts=timeouts,
        state=state,
        connecting=Connecting(connections=connections),
    )


def _connection_trace() -> aiohttp.TraceConfig:
    """Return a trace that records when a request gets its connection, for the timeout message."""

    async def note(session: object, context: Any, params: object) -> None:
        request = context.trace_request_ctx
        if request is not None:
            request.is_made = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(note)
    trace.on_connection_reuseconn.append(note)
    return trace


def _range_headers(span: tuple[int, int | None] | None, if_range: str | None) -> dict[str, str]:
    if span is None:
        return {}
    first, last = span
    asked = {"Range": f"bytes={first}-{'' if last is None else last}"}
    return asked | ({"If-Range": if_range} if if_range else {})


def _is_header(name: str, value: str) -> bool:
    return name.isascii() and name.replace("-", "").isalnum() and value.isprintable()
