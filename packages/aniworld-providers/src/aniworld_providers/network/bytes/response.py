"""A response, read with a time limit on every step."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Final, TypeAlias

import aiohttp
import anyio

from aniworld_core.errors import BadMediaError, FetchInterruptedError
from aniworld_core.messages import Message
from aniworld_core.ports.context import Throttle
from aniworld_providers.network.answers import ContentRange, parse_content_range, strong_etag
from aniworld_providers.network.bytes.bulk_reader import LEAST, BulkReader
from aniworld_providers.network.bytes.errors import os_reason
from aniworld_providers.network.bytes.socket_loan import Receiver, SocketLoan
from aniworld_providers.network.bytes.stall import StallClock
from aniworld_providers.network.bytes.timeouts import BodyRate, Timeouts
from aniworld_providers.network.content_coding import Decoder, codings

_CHUNK: Final = 1024 * 1024

#: A piece of a body.
Chunk: TypeAlias = bytes | memoryview


class WrongRangeError(FetchInterruptedError):
    """The server sent another range than the requested one."""


class ByteResponse:
    """A response; its body can be read once.

    Attributes:
        status: 200, 206 or 416. An unrequested 206 with the whole file becomes 200.
        url: Link of the response, after redirects.
        headers: Its headers, case-insensitive.
        content_range: The sent range; always set with 206, and with 416 if the server names it.
        length: Announced length of the decoded body in bytes, or `None`.
        is_exhausted: Whether the body was read to its end.
    """

    def __init__(
        self,
        answer: aiohttp.ClientResponse,
        *,
        span: tuple[int, int | None] | None,
        timeouts: Timeouts,
        throttle: Throttle | None,
        stall: StallClock,
    ) -> None:
        self._answer = answer
        self._span = span
        self._timeouts = timeouts
        self._throttle = throttle
        self._stall = stall
        self.status = answer.status
        self.url = str(answer.url)
        self.headers: Mapping[str, str] = answer.headers
        self.content_range: ContentRange | None = None
        if self.status in {206, 416}:
            self.content_range = parse_content_range(answer.headers.get("Content-Range", ""))
        # Anything but a registered coding is plain, whatever the server calls it.
        self._codings = codings(", ".join(answer.headers.getall("Content-Encoding", ())))
        self.is_exhausted = False
        self._left = _announced(answer, self.content_range)
        self.length = None if self._codings else self._left
        if self.status in {203, 206} and span is None and self._is_whole():
            self.status, self.content_range = 200, None
        self._bulk: BulkReader | None = None
        self._early: Chunk = b""
        self._has_begun = False
        self._loan: SocketLoan | None = None
        self._rate = BodyRate(timeouts)

    @property
    def total(self) -> int | None:
        """Size of the whole file, if this response states it."""
        if self.content_range is not None:
            return self.content_range.total
        return self.length if self.status == 200 else None

    @property
    def is_coded(self) -> bool:
        """Whether the body is compressed; its ranges then say nothing about the decoded bytes."""
        return bool(self._codings)

    @property
    def etag(self) -> str | None:
        """The entity tag, if it is a strong one."""
        return strong_etag(self.headers)

    @property
    def last_modified(self) -> str | None:
        """The `Last-Modified` header, as sent."""
        return self.headers.get("Last-Modified")

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; empty without one."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def check(self) -> None:
        """Compare the headers with the request.

        Raises:
            WrongRangeError: If the response holds another range.
            FetchInterruptedError: If the status is neither success nor refusal.
        """
        named = self.headers.get("Content-Range", "")[:60]
        if self.status == 206:
            if self._span is None:
                raise WrongRangeError(Message("part_instead_of_whole", range=named))
            if self.content_range is None or self.content_range.start != self._span[0]:
                raise WrongRangeError(Message("other_range", range=named, start=self._span[0]))
        elif self.status not in {200, 416}:
            raise FetchInterruptedError(Message("http_status", status=self.status))

    def _is_whole(self) -> bool:
        """Return whether a response to a request without range holds the whole file."""
        if self.status == 203:
            return True
        part = self.content_range
        # With a total of `*` more bytes may follow.
        return part is not None and part.start == 0 and part.total == (part.end or 0) + 1

    def hold(self) -> None:
        """Leave the body in the kernel until it is read, so that waiting takes no memory."""
        if self.status in {200, 206} and not self._codings:
            self._bulk, self._early = self._borrowed()

    def chunks(self, *, decode: bool = False) -> AsyncIterator[Chunk]:
        """Return the body in pieces of at most 1 MiB, never more bytes than announced.

        Args:
            decode: Whether to decompress the body; the caller limits the result.

        Raises:
            FetchInterruptedError: If the server stalls, is too slow, disconnects or sends less than
                announced.
            BadMediaError: If the body is compressed and cannot or must not be decompressed.
        """
        if not self._codings:
            return self._raw()
        if not decode or self.status == 206:
            named = ", ".join(self._codings)
            raise BadMediaError(Message("sent_compressed", coding=named))
        return self._decoded()

    async def read(self, max_bytes: int) -> bytearray:
        """Return the whole body; cut out the requested range if the server sent more.

        Raises:
            BadMediaError: If it has more than *max_bytes* or cannot be decompressed.
            FetchInterruptedError: As `chunks`; also if less than the requested range arrived.
        """
        if self.length is not None and self.length > max_bytes and self.status == 206:
            raise BadMediaError(Message("too_large", limit_bytes=max_bytes))
        skip, limit = self._cut()
        body = await self._sliced(skip, limit, max_bytes)
        first, last = self._span or (0, None)
        if last is not None and len(body) <= last - first:
            raise FetchInterruptedError(Message("range_incomplete"))
        return body

    async def _sliced(self, skip: int, limit: int | None, max_bytes: int) -> bytearray:
        want = None if limit is None else limit - skip
        body = bytearray()
        async for chunk in self.chunks(decode=True):
            if skip >= len(chunk):
                skip -= len(chunk)
                continue
            body += memoryview(chunk)[skip:] if skip else chunk
            skip = 0
            if want is not None and len(body) >= want:
                del body[want:]
                break
            if len(body) > max_bytes:
                break
        if len(body) > max_bytes:
            raise BadMediaError(Message("too_large", limit_bytes=max_bytes))
        return body

    def let_go(self) -> None:
        """Close the response: keep the connection after a complete body, close it otherwise."""
        if self._loan is not None:
            self._loan.close()
        if self.is_exhausted:
            self._answer.release()
        self._answer.close()

    def _cut(self) -> tuple[int, int | None]:
        """Return the requested part of the body: all of a 206, a slice of a 200."""
        if self._span is None or self.status == 206:
            return 0, None
        first, last = self._span
        return first, None if last is None else last + 1

    async def _decoded(self) -> AsyncIterator[Chunk]:
        decoder = Decoder(self._codings)
        async for chunk in self._raw():
            for piece in decoder.decode(bytes(chunk)):
                if piece:
                    yield piece
        if not decoder.is_finished:
            raise FetchInterruptedError(Message("compressed_end_early"))

    async def _raw(self) -> AsyncIterator[Chunk]:
        now, content = asyncio.get_running_loop().time, self._answer.content
        failure: FetchInterruptedError | None = None
        bulk = self._bulk
        while failure is None and (self._left is None or self._left > 0):
            before = now()
            self._stall.begin()
            try:
                if self._early:
                    chunk, self._early = self._early, b""
                elif bulk is not None:
                    chunk, failure = await self._next_bulk(bulk)
                else:
                    chunk, failure = await self._next_chunk(content)
                self._stall.received(len(chunk))
            finally:
                self._stall.end()
            if not chunk:
                break
            self._has_begun = True
            failure = failure or self._rate.received(now() - before, len(chunk))
            if failure is None and self._stall.is_over:
                failure = self._stalled()
            if self._left is not None:
                chunk = chunk[: self._left]
                self._left -= len(chunk)
            if self._throttle is not None:
                await self._throttle.take(len(chunk))
            yield chunk
        if self._left == 0:
            is_read = bulk.give_back() if bulk is not None else content.at_eof()
            self.is_exhausted = failure is None and is_read
        elif failure is not None:
            raise self._judged(failure)
        elif self._left:
            raise FetchInterruptedError(Message("bytes_missing", missing=self._left))
        else:
            self.is_exhausted = True

    # --- reading the socket directly ----------------------------------------------------------

    async def read_socket_directly(self) -> bool:
        """Switch from `chunks` to `receive`, which reads the socket directly.

        Call it between two chunks only.

        Returns:
            Whether the switch was possible; if not, continue with the chunks.
        """
        if self._bulk is None or self._left is None or self._left < LEAST:
            return False
        self._loan = await self._bulk.lend()
        return self._loan is not None

    @property
    def is_over(self) -> bool:
        """Whether `receive` has no more bytes."""
        return self._loan is None or not (self._loan.left or self._loan.early)

    async def receive(self, receiver: Receiver) -> int:
        """Receive for a short time in a thread, within the bandwidth limit.

        Returns:
            Number of bytes passed to the receiver; 0 if none arrived in that time.

        Raises:
            FetchInterruptedError: As `chunks`.
            What the receiver raises.
        """
        now, loan = asyncio.get_running_loop().time, self._loan
        assert loan is not None  # noqa: S101 - `read_socket_directly` returned True
        if loan.is_over and not loan.early:
            raise FetchInterruptedError(Message("bytes_missing", missing=loan.left))
        since = now()
        with self._stall.waiting():
            came = _given(loan, receiver) or await self._moment(loan, receiver)
            self._stall.received(came)
            self._has_begun = self._has_begun or came > 0
        self._left = loan.left
        if (failure := self._rate.received(now() - since, came)) is not None:
            raise self._judged(failure)
        if self._stall.is_over:
            raise self._stalled()
        if self._throttle is not None and came:
            before = now()
            await self._throttle.take(came)
            self._rate.delayed(now() - before, came)
        if not loan.left:
            self.is_exhausted = loan.give_back()
        return came

    async def _moment(self, loan: SocketLoan, receiver: Receiver) -> int:
        job = asyncio.get_running_loop().run_in_executor(
            None, loan.receive, receiver, self._rate.read_size, self._timeouts.read
        )
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            # Nothing may close the socket while the thread reads it. The thread ends soon, however
            # often this task is cancelled meanwhile.
            while not job.done():
                with contextlib.suppress(asyncio.CancelledError), anyio.CancelScope(shield=True):
                    await asyncio.wait([job])
            job.exception()
            raise

    def _borrowed(self) -> tuple[BulkReader | None, Chunk]:
        if self.length is None or self.length < LEAST:
            return None, b""
        if self._answer.content_length != self.length:
            return None, b""  # aiohttp detects the end of such a body earlier
        return BulkReader.borrow(self._answer, self.length) or (None, b"")

    async def _next_bulk(self, bulk: BulkReader) -> tuple[Chunk, FetchInterruptedError | None]:
        try:
            return await bulk.read(min(self._timeouts.read, self._stall.left)) or b"", None
        except FetchInterruptedError as failure:
            return b"", failure

    async def _next_chunk(
        self, content: aiohttp.StreamReader
    ) -> tuple[Chunk, FetchInterruptedError | None]:
        """Return the next bytes, and the error that ended the connection after them, if any."""
        limit = min(self._timeouts.read, self._stall.left)
        try:
            async with asyncio.timeout(limit):
                return await content.read(_CHUNK), None
        except TimeoutError as exc:
            failure = FetchInterruptedError(Message("nothing_arrived", waited_seconds=limit))
            failure.__cause__ = exc
            return b"", failure
        except (aiohttp.ClientError, OSError, RuntimeError) as exc:
            # aiohttp also reports a closed connection as a plain RuntimeError.
            failure = FetchInterruptedError(Message("connection_broke", reason=os_reason(exc)))
            failure.__cause__ = exc
            return _salvaged(content), failure

    def _judged(self, failure: FetchInterruptedError) -> FetchInterruptedError:
        """Return the failure, or the error that ends the transfer if its time is used up."""
        return self._stalled() if self._stall.is_over else failure

    def _stalled(self) -> FetchInterruptedError:
        if self._has_begun:
            return self._stall.error(Message("server_too_slow"))
        return self._stall.error(Message("headers_without_body"))


def _given(loan: SocketLoan, receiver: Receiver) -> int:
    """Pass the bytes that were received before the loan to the receiver."""
    count = 0
    for chunk in loan.early:
        part = chunk[: max(receiver.wanted(), 0)]
        receiver.take(part)
        count += len(part)
    loan.early.clear()
    return count


def _salvaged(content: aiohttp.StreamReader) -> bytes:
    """Return the bytes that arrived before the connection broke; aiohttp holds up to 2 MiB."""
    content.set_exception(None)  # type: ignore[arg-type] # the exception blocks the read
    try:
        return content.read_nowait()
    except (aiohttp.ClientError, OSError, RuntimeError):
        return b""


def _announced(answer: aiohttp.ClientResponse, part: ContentRange | None) -> int | None:
    # The range of a part is what was requested. A different Content-Length beside it only
    # affects how the connection continues.
    if answer.status == 206 and part is not None and part.start is not None:
        return (part.end or 0) - part.start + 1
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else None
