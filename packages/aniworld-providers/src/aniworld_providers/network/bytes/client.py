"""Media bytes: the only place that uses the aiohttp client.

Nothing here trusts aiohttp's timers alone: aiohttp 3.14 can wait for ever on a malformed chunk,
so every single read has its own deadline. Redirects are followed here, hop by hop, because
each hop has to pass the guard and must not carry secrets on to somebody else. A redirect from
https down to http is refused, unless it leads to a server the owner listed.
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
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext, Throttle
from aniworld_providers.network.answers import PAGE_HEAD, refusal
from aniworld_providers.network.bytes.connection_limit import Attempt
from aniworld_providers.network.bytes.errors import RefusedSocketError, client_error
from aniworld_providers.network.bytes.response import ByteResponse, Patience
from aniworld_providers.network.bytes.transfer_state import TransferState
from aniworld_providers.network.guard import AddressGuard, Target
from aniworld_providers.network.redirects import (
    MOST_REDIRECTS,
    REDIRECTS,
    loop_text,
    next_hop,
    sent_link,
)

MIB: Final = 1024 * 1024
#: Largest head of an answer, and so the largest line in it, in bytes.
MAX_HEAD: Final = 64 * 1024
#: Most header fields of an answer; the shortest takes four bytes and a line end.
_MOST_FIELDS: Final = MAX_HEAD // 6
#: Half of what aiohttp keeps of a body that nobody reads.
_BUFFER: Final = 256 * 1024
#: What a link's own headers may not set, because it is ours to say.
_OURS: Final = frozenset(
    (
        *("host", "connection", "keep-alive", "te", "upgrade", "expect", "content-length"),
        *("transfer-encoding", "accept-encoding", "range", "if-range", "proxy-authorization"),
    )
)
#: What proves who somebody is: for the servers that the links of a transfer name.
_PERSONAL: Final = frozenset({"authorization", "cookie"})
#: What may be shown to another server than the one a link named.
_HARMLESS: Final = frozenset({"accept", "accept-language", "user-agent", "referer", "origin"})

#: A server that closes a connection instead of giving an answer.
_CLOSED: Final = (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)

_host: contextvars.ContextVar[str] = contextvars.ContextVar("_host", default="")


@attrs.frozen
class Body:
    """A whole small answer."""

    data: bytearray
    url: str
    headers: Mapping[str, str]


class ByteClient:
    """Fetches bytes over HTTP, for one guard; an async context that closes its connections.

    A connection is never shared between guards, so what one stream may reach is no way in for
    another.
    """

    def __init__(
        self,
        guard: AddressGuard,
        *,
        throttle: Throttle,
        clock: Clock,
        user_agent: str,
        connections: int = 8,
        patience: Patience | None = None,
        state: TransferState | None = None,
        tls: ssl.SSLContext | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._guard = guard
        self._throttle = throttle
        self._clock = clock
        self._user_agent = user_agent
        self._connections = connections
        self._patience = patience or Patience()
        self._state = state or TransferState.fresh(clock)
        self._tls = tls
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            # Room for a probe beside the parts.
            limit=self._connections + 2,
            resolver=self._resolver or aiohttp.ThreadedResolver(),
            socket_factory=self._guarded_socket,
            ssl=self._tls if self._tls is not None else True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=_BUFFER,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._patience.connect),
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
        """Send a request and give the answer once its headers are here.

        Gives the statuses 200 and, only if a range was asked for, 206 (with a `Content-Range`
        that starts at the byte asked for) and 416. A 206 nobody asked for that holds the whole
        counts as 200. A refusal that may come from too many connections is followed by
        fewer of them.

        Args:
            url: The link.
            headers: What its server wants to see; dropped when a redirect leaves that server,
                except for what is harmless.
            span: First and last byte wanted, the last included, `None` for "to the end".
            if_range: Validator that the range depends on.
            method: `GET` or `HEAD`.
            metered: Whether the bytes count against the shared limit.

        Raises:
            InvalidLinkError: If *url* is no usable link.
            AddressRefusedError: If it leads where the guard does not allow.
            FetchInterruptedError: If the server cannot be reached or asks to wait.
            LinkRefusedError: If it answers 401, 403 or 410.
            SourceGoneError: If it answers 404 or 451.
            NeedsPersonError: If it answers with a bot check.
            UnsupportedSourceError: If it answers in another way that does not pass by itself.
            RangeLieError: If it sends another range than the one asked for.
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
                patience=self._patience,
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
        """Return a whole small body: a playlist, a key, a segment.

        With *span* exactly that range is returned, also from a server that sends everything.
        Gzip is undone when a server uses it unasked; the limit holds for the result.

        Raises:
            BadMediaError: If it is larger than *max_bytes*.
            FetchInterruptedError: If it ends before its announced length.
            What `open` raises.
        """
        async with self.open(url, headers=headers, span=span, metered=metered) as response:
            if response.status == 416:
                raise FetchInterruptedError("the server has no such range")
            data = await response.read(max_bytes)
            self._state.stall.progressed()
            return Body(data, response.url, response.headers)

    # --- refusals ------------------------------------------------------------------------

    async def _granted(
        self, method: str, url: str, extra: dict[str, str], asked: dict[str, str]
    ) -> tuple[aiohttp.ClientResponse, Attempt, Target]:
        """Send a request until it is granted, over fewer connections if that may help."""
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
                    raise error  # noqa: TRY301 - the handler below gives the place back
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
        homes = self._state.homes
        own = {
            name: value
            for name, value in extra.items()
            if name.lower() not in _OURS
            and _is_header(name, value)
            and (not homes or target in homes or name.lower() not in _PERSONAL)
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
            if answer.status not in REDIRECTS:
                return answer, target
            seen[link] = revision
            location = answer.headers.get("Location", "")
            answer.close()
            if not location.strip():
                raise UnsupportedSourceError(
                    target.host, f"it answers HTTP {answer.status} without a Location"
                )
            hop, before = next_hop(link, location), target
            # A link may come again once a cookie has changed.
            if seen.get(hop.link) == self._state.cookies.revision:
                raise FetchInterruptedError(loop_text([*seen], hop.link))
            link, other = hop.link, hop.other
            target = self._checked_hop(str(link), before)
            if target != before:
                own = {k: v for k, v in own.items() if k.lower() in _HARMLESS}
        raise FetchInterruptedError(f"{target.host} redirects more than {MOST_REDIRECTS} times")

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
        limit = min(self._patience.connect + self._patience.headers, stall.left)
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
                async with asyncio.timeout(min(5.0, self._patience.read)):
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
    patience: Patience | None = None,
    state: TransferState | None = None,
) -> ByteClient:
    """Make the client for one stream: what all may reach, and what this one may besides."""
    return ByteClient(
        AddressGuard(context.allowed_addresses).with_reach(reach),
        throttle=context.throttle,
        clock=context.clock,
        user_agent=context.user_agent,
        connections=connections,
        patience=patience,
        state=state,
    )


def _connection_trace() -> aiohttp.TraceConfig:
    """Note on each request when it has a connection: that is what its timeout is told by."""

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


__all__ = [
    "MIB",
    "Body",
    "ByteClient",
    "ByteResponse",
    "Patience",
    "TransferState",
    "open_byte_client",
]
