"""Read large bodies from their connection directly, with one copy and no parser.

aiohttp copies a body three times before the caller gets it. That does not matter for a playlist,
but it is most of the work for a gigabyte. So after aiohttp has read the headers and the body
length is known, this reader takes over the connection. It returns the connection after the last
byte of the body, or closes it after an error.
"""

import asyncio
from collections import deque
from typing import Final, Self, TypeAlias

import aiohttp

from aniworld_core.errors import FetchInterruptedError
from aniworld_core.messages import Message
from aniworld_providers.network.bytes.socket_loan import SocketLoan
from aniworld_providers.network.bytes.tls import LendableState

#: Smallest body to read this way, in bytes; aiohttp reads smaller ones.
LEAST: Final = 256 * 1024
_BUFFER: Final = 256 * 1024
#: Most unread bytes before the connection is paused.
_MOST_WAITING: Final = 256 * 1024


#: The protocol of the connection before the takeover.
_Lender: TypeAlias = asyncio.BaseProtocol


class BulkReader(asyncio.BufferedProtocol):
    """The remaining bytes of a body of known length."""

    def __init__(
        self, transport: asyncio.Transport, content: aiohttp.StreamReader, before: _Lender
    ) -> None:
        self._transport = transport
        self._content = content
        self._before = before
        self._left = 0
        self._buffer = memoryview(b"")
        self._start = self._end = 0
        self._full: deque[memoryview] = deque()
        self._waiting = 0
        self._waiter: asyncio.Future[None] | None = None
        self._is_paused = False
        self._is_tls_lent = False
        self._is_over = False
        self._failure: Exception | None = None

    @classmethod
    def borrow(cls, answer: aiohttp.ClientResponse, length: int) -> tuple[Self, bytes] | None:
        """Take over the connection of an answer whose headers were read.

        Args:
            answer: The answer.
            length: Length of its body in bytes.

        Returns:
            The reader and the bytes of the body that aiohttp has read already; `None` if the body
            is chunked or has arrived almost completely.
        """
        connection, content = answer.connection, answer.content
        if connection is None or "Transfer-Encoding" in answer.headers:
            return None
        transport, before = connection.transport, connection.protocol
        # A paused connection means that aiohttp holds bytes that it has not parsed yet.
        if transport is None or before is None or not transport.is_reading():
            return None
        if transport.is_closing() or content.is_eof() or content.exception() is not None:
            return None
        reader = cls(transport, content, before)
        # No bytes can arrive in between because there is no await.
        transport.set_protocol(reader)
        early = content.read_nowait()
        reader._left = length - len(early)
        return reader, early

    def give_back(self) -> bool:
        """Return the connection to aiohttp after the body was read to its end.

        Returns:
            Whether aiohttp can reuse it: not if it broke or the server sent too many bytes.
        """
        if self._left or self._waiting or self._is_over or self._transport.is_closing():
            return False
        self._transport.set_protocol(self._before)
        self._transport.resume_reading()
        self._content.feed_eof()
        return True

    async def read(self, seconds: float) -> memoryview | None:
        """Return the next bytes, at most 1 MiB; `None` after the last.

        Args:
            seconds: Seconds to wait for them.

        Raises:
            FetchInterruptedError: If the connection breaks or nothing arrives in time.
        """
        if not self._waiting and not self._is_over:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(seconds):
                    await self._waiter
            except TimeoutError as exc:
                raise FetchInterruptedError(
                    Message("nothing_arrived", waited_seconds=seconds)
                ) from exc
            finally:
                self._waiter = None
        if not self._waiting:
            if self._failure is not None:
                reason = str(self._failure)[:200] or type(self._failure).__name__
                raise FetchInterruptedError(reason) from self._failure
            return None
        chunk = self._full.popleft() if self._full else self._taken()
        self._waiting -= len(chunk)
        if self._is_paused and self._left > 0 and self._waiting < _MOST_WAITING:
            self._is_paused = False
            if not self._is_over:
                self._transport.resume_reading()
        return chunk

    async def lend(self) -> SocketLoan | None:
        """Lend the socket to a reader; return `None` if the connection cannot be lent."""
        owner = self._transport.get_extra_info("socket")
        tls = self._transport.get_extra_info("ssl_object")
        if owner is None or not (tls is None or isinstance(tls, LendableState)):
            return None
        if not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        # What `resume_reading` scheduled before must not read beside the other reader.
        await asyncio.sleep(0)
        # The body is complete, or the server sent too many bytes.
        if self._is_over or self._left <= 0 or self._transport.is_closing():
            return None
        if tls is not None:
            # Without room in the buffer, asyncio stops reading the socket, too.
            self._limit_ciphertext(0)
            self._is_tls_lent = True
        early = [*self._full, self._taken()] if self._start < self._end else list(self._full)
        self._full.clear()
        self._waiting = 0
        left, self._left = self._left, 0
        return SocketLoan.of(owner, tls, early, left, self.give_back, self._end_loan)

    def _end_loan(self) -> None:
        if self._is_tls_lent and not self._transport.is_closing():
            self._limit_ciphertext(None)
        self._is_tls_lent = False

    def _limit_ciphertext(self, high: int | None) -> None:
        # A public method of the TLS transports of asyncio and uvloop.
        self._transport.set_read_buffer_limits(high)  # type: ignore[attr-defined]

    def _taken(self) -> memoryview:
        chunk = self._buffer[self._start : self._end]
        self._start = self._end
        return chunk

    # --- called by the connection -------------------------------------------------------------

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return a buffer for the next bytes."""
        if self._end == len(self._buffer):
            if self._start < self._end:
                self._full.append(self._taken())
            # Read at most one byte more than the body: what follows belongs to aiohttp, and the
            # extra byte shows that the server sends more than announced.
            size = self._left + 1 if self._left <= _BUFFER else _BUFFER
            self._buffer = memoryview(bytearray(max(size, 1)))
            self._start = self._end = 0
        return self._buffer[self._end :]

    def buffer_updated(self, nbytes: int) -> None:
        """Count received bytes and pause the connection when enough are unread."""
        self._end += nbytes
        self._waiting += nbytes
        self._left -= nbytes
        is_enough = self._waiting >= _MOST_WAITING or self._left <= 0
        if is_enough and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        """Return False so that the connection closes."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Record the end of the connection and let aiohttp clean up."""
        self._is_over, self._failure = True, exc
        self._wake()
        self._before.connection_lost(exc)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
