"""Socket loan: read a body from its socket in the thread that also writes it.

With an event loop that receives and a thread that writes, both wait for each other and for the
interpreter lock; on one machine that takes longer than copying and decrypting. So one thread does
all for a short time with one reused buffer. In between, the event loop applies bandwidth limits,
reports progress and handles stop requests.
"""

import os
import select
import socket
import time
from collections.abc import Callable
from typing import Final, Protocol, Self

import attrs

from aniworld_core.errors import FetchInterruptedError
from aniworld_providers.network.bytes.tls import LendableState, PlainSource, TlsSource

_BUFFER: Final = 1024 * 1024
#: Longest time in seconds to receive without returning to the event loop.
_SECONDS: Final = 0.025


class Receiver(Protocol):
    """Consumer of received bytes; may block."""

    def wanted(self) -> int:
        """Return how many more bytes are needed; the number may shrink at any time."""
        ...

    def take(self, data: memoryview) -> None:
        """Take the next bytes; the memory is reused afterwards."""
        ...


@attrs.define(eq=False)
class SocketLoan:
    """A connection with one reader, until it is given back or closed.

    Attributes:
        early: Bytes received before the loan.
        left: Number of body bytes not received yet.
        is_over: Whether the server has closed the connection.
    """

    _socket: socket.socket
    _source: PlainSource | TlsSource
    _give_back: Callable[[], bool]
    _end: Callable[[], None]
    early: list[memoryview]
    left: int
    is_over: bool = False
    _buffer: memoryview = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._buffer = memoryview(bytearray(_BUFFER))

    @classmethod
    def of(
        cls,
        owner: socket.socket,
        tls: LendableState | None,
        early: list[memoryview],
        left: int,
        give_back: Callable[[], bool],
        end: Callable[[], None],
    ) -> Self:
        """Borrow a non-blocking socket whose owner has stopped reading.

        Args:
            owner: The socket.
            tls: The state of its TLS connection; `None` without TLS.
            early: Bytes received before the loan.
            left: Number of body bytes not received yet.
            give_back: Called with a clean connection; returns whether the owner can reuse it.
            end: Called at the end of the loan, before that.
        """
        # A duplicate descriptor: the owner may close its own while the thread reads.
        own = socket.socket(fileno=os.dup(owner.fileno()))
        source = PlainSource(own) if tls is None else TlsSource(own, tls)
        return cls(own, source, give_back, end, early, left)

    def receive(self, receiver: Receiver, most: int, seconds: float) -> int:
        """Receive for a short time; blocks.

        Args:
            receiver: Gets the bytes.
            most: Most bytes to receive.
            seconds: Seconds to wait for the first byte.

        Returns:
            Number of received bytes; fewer than *most* if no more are available now.

        Raises:
            FetchInterruptedError: If the connection breaks.
            What the receiver raises.
        """
        came, since = 0, time.monotonic()
        while came < most and self.left and (wanted := receiver.wanted()) > 0:
            view = self._buffer[: min(wanted, self.left, most - came)]
            try:
                count = self._source.recv_into(view)
            except BlockingIOError:
                passed = time.monotonic() - since
                # Return to the event loop regularly even if no byte arrives.
                rest = (_SECONDS if came else min(seconds, 2 * _SECONDS)) - passed
                if rest <= 0 or not self._is_ready(rest):
                    break
                continue
            except OSError as exc:
                if not came:
                    raise FetchInterruptedError(str(exc)[:200] or type(exc).__name__) from exc
                count = 0
            if not count:
                self.is_over = True
                break
            self.left -= count
            came += count
            receiver.take(view[:count])
            if time.monotonic() - since >= _SECONDS:
                break
        return came

    def give_back(self) -> bool:
        """Return the connection to its owner after the body was read to its end.

        Returns:
            Whether the owner can reuse it: not if it broke or the server sent too many bytes.
        """
        is_clean = not self.left and not self.is_over and not self._source.has_more()
        self.close()
        return is_clean and self._give_back()

    def close(self) -> None:
        """Close the connection without giving it back; closing twice is allowed."""
        self._socket.close()
        self._end()

    def _is_ready(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
