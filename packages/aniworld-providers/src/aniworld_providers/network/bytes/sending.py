"""Send requests of the byte client: guarded sockets, headers and cookies, redirects."""

import asyncio
import contextvars
import socket
import ssl
from types import SimpleNamespace
from typing import Any, Final, Self

import aiohttp
import attrs
from aiohttp.abc import AbstractResolver
from yarl import URL

from aniworld_core.errors import (
    AddressRefusedError,
    FetchInterruptedError,
    InvalidLinkError,
    UnsupportedSourceError,
    shown_link,
)
from aniworld_core.messages import Message
from aniworld_providers.network.answers import REDIRECT_STATUSES
from aniworld_providers.network.bytes.errors import RefusedSocketError, client_error
from aniworld_providers.network.bytes.timeouts import Timeouts
from aniworld_providers.network.bytes.tls import system_context
from aniworld_providers.network.bytes.transfer_state import TransferState
from aniworld_providers.network.guard import AddressGuard, Target
from aniworld_providers.network.redirects import MOST_REDIRECTS, loop_text, next_hop

#: Largest response head, and so the longest line in it, in bytes.
MAX_HEAD: Final = 64 * 1024
#: Most header fields of a response; the shortest takes four bytes and a line end.
_MOST_FIELDS: Final = MAX_HEAD // 6
#: Bytes per read; aiohttp buffers twice as many of an unread body.
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

_host: contextvars.ContextVar[str] = contextvars.ContextVar("_host", default="")


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


@attrs.define(eq=False, kw_only=True)
class RequestSender:
    """Send requests with one guard; an async context that closes its connections."""

    _guard: AddressGuard
    _user_agent: str
    _timeouts: Timeouts
    _state: TransferState
    _connecting: Connecting
    _session: aiohttp.ClientSession | None = attrs.field(init=False, default=None)

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            # Two extra connections for probes beside the parts.
            limit=self._connecting.connections + 2,
            resolver=self._connecting.resolver or aiohttp.ThreadedResolver(),
            socket_factory=self._guarded_socket,
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

    async def send(
        self,
        method: str,
        link: URL,
        target: Target,
        extra: dict[str, str],
        asked: dict[str, str],
    ) -> tuple[aiohttp.ClientResponse, Target]:
        """Send a request, follow its redirects, and return the response and its server.

        Args:
            method: `GET` or `HEAD`.
            link: The link.
            target: Its server.
            extra: Headers for its server; a redirect to another one keeps only `_PORTABLE` ones.
            asked: Range headers, sent to every server.

        Raises:
            AddressRefusedError: If the guard refuses the target of a redirect.
            FetchInterruptedError: If the server cannot be reached, or redirects too often.
            UnsupportedSourceError: If a redirect names no target.
        """
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
                    target.host, Message("redirect_without_target", status=answer.status)
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
                shown_link(link), Message("redirect_leads_there", reason=exc.reason)
            ) from exc
        is_downgrade = before.scheme == "https" and target.scheme == "http"
        if is_downgrade and not self._guard.grants(target.host, target.port):
            raise AddressRefusedError(f"{target.host}:{target.port}", Message("redirect_to_http"))
        return target

    async def _request(
        self, method: str, link: URL, target: Target, headers: dict[str, str]
    ) -> aiohttp.ClientResponse:
        if self._session is None:
            raise FetchInterruptedError(Message("client_closed"))
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
                        ssl=await self._tls(target),
                        trace_request_ctx=connection,
                    )
        except TimeoutError as exc:
            observed = Message("no_connection_to", host=place)
            if connection.is_made:
                observed = Message("no_complete_headers", host=place)
            if stall.is_over:
                raise stall.error(observed) from exc
            raise FetchInterruptedError(
                Message("observed_within", observed=observed, limit_seconds=limit)
            ) from exc
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            raise client_error(exc, place) from exc
        finally:
            _host.reset(token)
        cookies = answer.headers.getall("Set-Cookie", ())
        self._state.cookies.store(cookies, target, link.raw_path)
        return answer

    async def _tls(self, target: Target) -> ssl.SSLContext | bool:
        if target.scheme != "https":
            return True
        if self._connecting.tls is not None:
            return self._connecting.tls
        return await asyncio.to_thread(system_context)

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

    def _guarded_socket(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = info
        try:
            self._guard.require(str(address[0]), int(address[1]), host=_host.get())
        except AddressRefusedError as exc:
            raise RefusedSocketError(exc) from exc
        return socket.socket(family=family, type=kind, proto=protocol)


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


def _is_header(name: str, value: str) -> bool:
    return name.isascii() and name.replace("-", "").isalnum() and value.isprintable()
