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
)
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext, Throttle
from aniworld_providers.network.answers import PAGE_HEAD, refusal
from aniworld_providers.network.guard import AddressGuard, Target
from aniworld_providers.network.response import ByteResponse, Patience

MIB: Final = 1024 * 1024
_MAX_HOPS: Final = 5
#: Half of what aiohttp keeps of a body that nobody reads.
_BUFFER: Final = 256 * 1024
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
#: What a link's own headers may not set, because it is ours to say.
_OURS: Final = frozenset(
    (
        *("host", "connection", "keep-alive", "te", "upgrade", "expect", "content-length"),
        *("transfer-encoding", "accept-encoding", "range", "if-range", "proxy-authorization"),
    )
)
#: What may be shown to another server than the one a link named.
_HARMLESS: Final = frozenset({"accept", "accept-language", "user-agent", "referer", "origin"})

_host: contextvars.ContextVar[str] = contextvars.ContextVar("_host", default="")


class _RefusedSocketError(OSError):
    """A socket that the guard did not allow; aiohttp passes OSError on and tries the next."""

    def __init__(self, error: AddressRefusedError) -> None:
        super().__init__(str(error))
        self.error = error


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
        tls: ssl.SSLContext | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._guard = guard
        self._throttle = throttle
        self._clock = clock
        self._user_agent = user_agent
        self._connections = connections
        self._patience = patience or Patience()
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
            trust_env=False,
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
        """Ask for *url* and give the answer once its headers are here.

        Answers 200 and, only where a range was asked for, 206 (with a `Content-Range` that
        starts where it was asked to) and 416.

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
            LinkExpiredError: If it answers 401, 403 or 410.
            SourceGoneError: If it answers 404 or 451.
            NeedsPersonError: If it answers with a bot check.
            UnsupportedSourceError: If it answers in another way that does not pass by itself.
            RangeLieError: If it sends another range than the one asked for.
            BadMediaError: If it sends compressed bytes.
        """
        asked = _range_headers(span, if_range)
        answer, target = await self._follow(method, url, dict(headers), asked)
        response: ByteResponse | None = None
        try:
            if answer.status >= 400 and not (answer.status == 416 and span is not None):
                raise await self._refused(answer, url, target)
            throttle = self._throttle if metered else None
            response = ByteResponse(answer, span=span, patience=self._patience, throttle=throttle)
            response.check()
            response.hold()
            yield response
        finally:
            if response is not None:
                response.let_go()
            answer.close()

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
            return Body(data, response.url, response.headers)

    # --- redirects -----------------------------------------------------------------------

    async def _follow(
        self, method: str, url: str, extra: dict[str, str], asked: dict[str, str]
    ) -> tuple[aiohttp.ClientResponse, Target]:
        link = _link(url)
        target = self._guard.check_url(str(link))
        own = {k: v for k, v in extra.items() if k.lower() not in _OURS and _is_header(k, v)}
        for _ in range(_MAX_HOPS + 1):
            answer = await self._request(method, link, target.host, own | asked)
            if answer.status not in _REDIRECTS:
                return answer, target
            location = answer.headers.get("Location", "")
            answer.close()
            link, before = _joined(link, location), target
            target = self._checked_hop(str(link), before)
            if target != before:
                own = {k: v for k, v in own.items() if k.lower() in _HARMLESS}
        raise FetchInterruptedError(f"{target.host} redirects more than {_MAX_HOPS} times")

    def _checked_hop(self, link: str, before: Target) -> Target:
        try:
            target = self._guard.check_url(link)
        except InvalidLinkError as exc:
            raise AddressRefusedError(link[:200], f"a redirect leads there: {exc.reason}") from exc
        is_downgrade = before.scheme == "https" and target.scheme == "http"
        if is_downgrade and not self._guard.grants(target.host, target.port):
            raise AddressRefusedError(
                f"{target.host}:{target.port}", "a redirect leads from https to plain http"
            )
        return target

    async def _request(
        self, method: str, link: URL, host: str, headers: dict[str, str]
    ) -> aiohttp.ClientResponse:
        if self._session is None:
            raise FetchInterruptedError("the client is closed")
        defaults = {"User-Agent": self._user_agent, "Accept": "*/*"}
        named = {name.lower() for name in headers}
        merged = {k: v for k, v in defaults.items() if k.lower() not in named} | headers
        token = _host.set(host)
        try:
            async with asyncio.timeout(self._patience.connect + self._patience.headers):
                return await self._session.request(
                    method,
                    link,
                    headers=merged | {"Accept-Encoding": "identity"},
                    allow_redirects=False,
                )
        except TimeoutError as exc:
            raise FetchInterruptedError(f"{host} does not answer") from exc
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            raise _translated(exc, host) from exc
        finally:
            _host.reset(token)

    async def _refused(
        self, answer: aiohttp.ClientResponse, url: str, target: Target
    ) -> AniworldError:
        page = b""
        if "html" in answer.headers.get("Content-Type", "").lower():
            with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
                async with asyncio.timeout(min(5.0, self._patience.read)):
                    while len(page) < PAGE_HEAD and (more := await answer.content.readany()):
                        page += more
        now = self._clock.now()
        return refusal(answer.status, answer.headers, page, link=url, host=target.host, now=now)

    def _guarded_socket(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = info
        try:
            self._guard.require(str(address[0]), int(address[1]), host=_host.get())
        except AddressRefusedError as exc:
            raise _RefusedSocketError(exc) from exc
        return socket.socket(family=family, type=kind, proto=protocol)


def open_byte_client(
    context: AdapterContext,
    *,
    reach: Iterable[str] = (),
    connections: int = 8,
    patience: Patience | None = None,
) -> ByteClient:
    """Make the client for one stream: what all may reach, and what this one may besides."""
    return ByteClient(
        AddressGuard(context.allowed_addresses).with_reach(reach),
        throttle=context.throttle,
        clock=context.clock,
        user_agent=context.user_agent,
        connections=connections,
        patience=patience,
    )


def _link(url: str) -> URL:
    text = url.strip().replace(" ", "%20")
    try:
        # Encoded links are left alone: signatures break when they are quoted anew.
        return URL(text, encoded=text.isascii()).with_fragment(None)
    except ValueError as exc:
        raise InvalidLinkError(url, "it is no link") from exc


def _joined(base: URL, location: str) -> URL:
    text = location.strip().replace(" ", "%20")
    try:
        if not text:
            raise ValueError(text)  # noqa: TRY301 - one way out for all that is no link
        return base.join(URL(text, encoded=text.isascii())).with_fragment(None)
    except ValueError as exc:
        raise AddressRefusedError(text[:200], "a redirect leads there, but it is no link") from exc


def _range_headers(span: tuple[int, int | None] | None, if_range: str | None) -> dict[str, str]:
    if span is None:
        return {}
    first, last = span
    asked = {"Range": f"bytes={first}-{'' if last is None else last}"}
    return asked | ({"If-Range": if_range} if if_range else {})


def _is_header(name: str, value: str) -> bool:
    return name.isascii() and name.replace("-", "").isalnum() and value.isprintable()


def _translated(exc: Exception, host: str) -> AniworldError:
    cause: BaseException | None = exc
    while cause is not None:
        if isinstance(cause, _RefusedSocketError):
            return cause.error
        cause = getattr(cause, "os_error", None) or cause.__cause__
    if isinstance(exc, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return UnsupportedSourceError(host, "its certificate cannot be trusted")
    if isinstance(exc, aiohttp.InvalidURL):
        return InvalidLinkError(str(exc.url), "it is no link")
    if isinstance(exc, aiohttp.ClientResponseError):
        # Its message quotes what arrived, which may be a megabyte of film.
        return FetchInterruptedError(f"{host} sends what is no HTTP")
    return FetchInterruptedError(f"{host}: {str(exc)[:200] or type(exc).__name__}")


__all__ = ["MIB", "Body", "ByteClient", "ByteResponse", "Patience", "open_byte_client"]
