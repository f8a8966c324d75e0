"""TLS connections whose bytes a thread can decrypt while it writes them.

asyncio keeps the state of a TLS connection private, except for what it takes from the context:
`SSLContext.wrap_bio` creates the state and gets both buffers. A context that stores the received
one is enough to continue the connection outside of the event loop.
"""

import contextlib
import functools
import socket
import ssl
import sys
from typing import Any, Final, Self, cast

#: Bytes of ciphertext per read.
_CIPHERTEXT: Final = 256 * 1024


class LendableState(ssl.SSLObject):
    """State of a TLS connection, with the buffer of its received ciphertext.

    Attributes:
        received: Ciphertext that is not decrypted yet.
    """

    received: ssl.MemoryBIO


class LendableContext(ssl.SSLContext):
    """A context whose connections can be read outside of the event loop."""

    sslobject_class = LendableState

    @classmethod
    def of_system(cls) -> Self:
        """Return a context as `ssl.create_default_context` does; blocks for its certificates."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        if sys.version_info >= (3, 13):
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
        context.set_alpn_protocols(("http/1.1",))
        context.load_default_certs()
        return context

    def wrap_bio(
        self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *args: Any, **kwargs: Any
    ) -> LendableState:
        """Return the state of a new connection."""
        state = super().wrap_bio(incoming, outgoing, *args, **kwargs)
        assert isinstance(state, LendableState)  # noqa: S101 - by `sslobject_class`
        state.received = incoming
        return state


@functools.cache
def system_context() -> LendableContext:
    """Return the context with the certificates of the system; blocks on the first call."""
    return LendableContext.of_system()


class PlainSource:
    """Reads a socket without TLS."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def recv_into(self, view: memoryview) -> int:
        """Read available bytes and return their number; 0 at the end of the connection.

        Raises:
            BlockingIOError: If none are available.
            OSError: If the connection breaks.
        """
        return self._socket.recv_into(view)

    def has_more(self) -> bool:
        """Return whether more bytes, an end or an error are waiting."""
        with contextlib.suppress(BlockingIOError):
            with contextlib.suppress(ConnectionError):
                self._socket.recv(1, socket.MSG_PEEK)
            return True
        return False


class TlsSource:
    """Reads a socket and decrypts what it received.

    With one large read of ciphertext per sixteen records, it needs a tenth of the system calls of
    `ssl.SSLSocket`, which reads the head and the content of each record.
    """

    def __init__(self, connection: socket.socket, state: LendableState) -> None:
        self._socket = connection
        self._state = state
        self._ciphertext = memoryview(bytearray(_CIPHERTEXT))

    def recv_into(self, view: memoryview) -> int:
        """Read and decrypt available bytes; otherwise as `PlainSource.recv_into`."""
        filled = 0
        while filled < len(view):
            try:
                count = self._state.read(len(view) - filled, cast("bytearray", view[filled:]))
            except ssl.SSLWantReadError:
                try:
                    received = self._socket.recv_into(self._ciphertext)
                except OSError:
                    if filled:
                        break  # raised again by the next call
                    raise
                if not received:
                    break
                self._state.received.write(self._ciphertext[:received])
            else:
                if not count:
                    break
                filled += cast("int", count)
        return filled

    def has_more(self) -> bool:
        """Return whether more bytes, an end or an error are waiting."""
        try:
            self.recv_into(memoryview(bytearray(1)))
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True
