"""A body straight from its socket, read by the thread that also writes it.

A loop that receives and a thread that writes hand every block over and wait for each other's
turn at the interpreter; on one machine that takes longer than the copying. Where the connection
is a plain socket, one thread does both for a moment at a time, with one buffer that is used again
and again. Between these moments the event loop has its say: limits, progress, stop.
"""

import contextlib
import os
import select
import socket
import time
from collections.abc import Callable
from typing import Final, Protocol, Self

import attrs

from aniworld_core.errors import FetchInterruptedError

_BUFFER: Final = 1024 * 1024
#: A moment: what is done without asking the loop.
_SECONDS: Final = 0.025


class Receiver(Protocol):
    """Takes bytes as they come; blocks."""

    def wanted(self) -> int:
        """Return how many bytes more are wanted; may shrink at any time."""
        ...

    def take(self, data: memoryview) -> None:
        """Take the next bytes; the memory is used again afterwards."""
        ...


@attrs.define(eq=False)
class SocketLoan:
    """A connection that nobody else reads, until it is given back or closed.

    Attributes:
        early: What had been received before.
        left: Bytes of the body that were not received yet.
        is_over: Whether the other end has closed.
    """

    _socket: socket.socket
    _give_back: Callable[[], bool]
    early: list[memoryview]
    left: int
    is_over: bool = False
    _buffer: memoryview = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._buffer = memoryview(bytearray(_BUFFER))

    @classmethod
    def of(
        cls, owner: socket.socket, early: list[memoryview], left: int, give_back: Callable[[], bool]
    ) -> Self:
        """Borrow a socket that does not block and that its owner has stopped reading."""
        # A descriptor of its own: the owner may close his while a thread is reading.
        return cls(socket.socket(fileno=os.dup(owner.fileno())), give_back, early, left)

    def receive(self, receiver: Receiver, most: int, patience: float) -> int:
        """Receive for a moment; blocks.

        Args:
            receiver: Takes what comes.
            most: Bytes after which it is enough.
            patience: Seconds to wait for the first of them.

        Returns:
            How many bytes came; fewer than wanted when nothing more comes at present.

        Raises:
            FetchInterruptedError: If the connection breaks.
            What the receiver raises.
        """
        came, since = 0, time.monotonic()
        while came < most and self.left and (wanted := receiver.wanted()) > 0:
            view = self._buffer[: min(wanted, self.left, most - came)]
            try:
                count = self._socket.recv_into(view)
            except BlockingIOError:
                passed = time.monotonic() - since
                # The loop is asked now and then even while nothing comes.
                rest = (_SECONDS if came else min(patience, 2 * _SECONDS)) - passed
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
        """Let the owner use the connection again, the body having been read to its end.

        Returns:
            Whether it can: not when the connection broke or more was sent than announced.
        """
        is_clean = not self.left and not self.is_over and not self._has_more()
        self.close()
        return is_clean and self._give_back()

    def close(self) -> None:
        """Let go of the connection without giving it back; closing twice is allowed."""
        self._socket.close()

    def _has_more(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            with contextlib.suppress(ConnectionError):
                self._socket.recv(1, socket.MSG_PEEK)
            return True
        return False

    def _is_ready(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
