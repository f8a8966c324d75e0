"""HTTP client for media bytes.

aiohttp 3.14 can wait forever on a malformed chunk despite its timeouts, so every read has its
own time limit here. The client follows redirects itself: each target must pass the guard and
must not get the credentials for another server. It refuses a redirect from https to plain http,
except to a server that the owner listed.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import timedelta
from typing import Final, Self

import aiohttp
import attrs

from aniworld_core.errors import (
    AniworldError,
    FetchInterruptedError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext, Throttle
from aniworld_providers.network.answers import PAGE_HEAD, refusal
from aniworld_providers.network.bytes.connection_limit import Attempt
from aniworld_providers.network.bytes.response import ByteResponse
from aniworld_providers.network.bytes.sending import Connecting, RequestSender
from aniworld_providers.network.bytes.timeouts import Timeouts
from aniworld_providers.network.bytes.transfer_state import TransferState
from aniworld_providers.network.guard import AddressGuard, Target
from aniworld_providers.network.redirects import (
    sent_link,
)

#: Errors for a connection that the server closes without a response.
_CLOSED: Final = (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)


@attrs.frozen
class Body:
    """A complete small response."""

    data: bytearray
    url: str
    headers: Mapping[str, str]


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
        self._timeouts = timeouts or Timeouts()
        self._state = state or TransferState.fresh(clock)
        self._sender = RequestSender(
            guard=guard,
            user_agent=user_agent,
            timeouts=self._timeouts,
            state=self._state,
            connecting=connecting or Connecting(),
        )

    async def __aenter__(self) -> Self:
        await self._sender.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._sender.__aexit__(*exc_info)

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
                    answer, place = await self._sender.send(method, link, target, extra, asked)
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


def _range_headers(span: tuple[int, int | None] | None, if_range: str | None) -> dict[str, str]:
    if span is None:
        return {}
    first, last = span
    asked = {"Range": f"bytes={first}-{'' if last is None else last}"}
    return asked | ({"If-Range": if_range} if if_range else {})
