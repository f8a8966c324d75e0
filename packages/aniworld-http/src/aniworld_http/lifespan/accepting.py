"""Acceptor of connections that survives a lack of file descriptors.

When descriptors run out, the server of asyncio retries for each connection in the backlog and logs
each failure with a traceback. This acceptor closes idle connections, pauses with a growing delay,
and logs one line a minute.
"""

import asyncio
import errno
import logging
import math
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import attrs

from aniworld_core.domain.retry_policy import RetryPolicy
from aniworld_http.security.connections import Connections

logger: Final = logging.getLogger(__name__)

#: Connections accepted before other callbacks run; connections are counted in these.
_AT_ONCE: Final = 16
#: Pauses after failures in a row.
_PAUSES: Final = RetryPolicy(
    limit=None, base=timedelta(seconds=0.05), ceiling=timedelta(seconds=1), jitter=0.0
)
#: Connections closed when descriptors have run out.
_CLOSED_FOR_ROOM: Final = 16
_MINUTE: Final = 60.0
_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


@attrs.define(eq=False)
class Acceptor:
    """Accepts connections from one listening socket.

    Args:
        listener: The socket; closed by `stop`.
        make_protocol: Makes the protocol of a connection.
        connections: Closes idle connections when descriptors run out.
        monotonic: Return seconds of a clock that is never set.
    """

    _listener: socket.socket
    _make_protocol: Callable[[], asyncio.Protocol]
    _connections: Connections
    _monotonic: Callable[[], float] = time.monotonic
    _loop: asyncio.AbstractEventLoop = attrs.field(factory=asyncio.get_running_loop, init=False)
    _opening: set[asyncio.Task[object]] = attrs.field(factory=set, init=False)
    _resuming: asyncio.TimerHandle | None = attrs.field(default=None, init=False)
    _failures: int = attrs.field(default=0, init=False)
    _warned: float = attrs.field(default=-math.inf, init=False)

    def start(self) -> None:
        """Start accepting."""
        self._resuming = None
        self._loop.add_reader(self._listener.fileno(), self.accept)

    def stop(self) -> None:
        """Stop accepting; accepted connections stay open."""
        if self._resuming is not None:
            self._resuming.cancel()
        self._loop.remove_reader(self._listener.fileno())
        self._listener.close()

    def accept(self) -> None:
        """Accept connections from the backlog."""
        for _ in range(_AT_ONCE):
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _EXHAUSTED:
                    raise
                self._pause_accepting(error)
                return
            self._failures = 0
            connection.setblocking(False)  # noqa: FBT003 - its name says what it sets
            task: asyncio.Task[object] = self._loop.create_task(self._open(connection))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _open(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._make_protocol, connection)
        except OSError as error:  # it was closed meanwhile
            logger.debug("cannot open an accepted connection: %s", error)
            connection.close()

    def _pause_accepting(self, error: OSError) -> None:
        closed = self._connections.make_room(_CLOSED_FOR_ROOM)
        now = self._monotonic()
        if now - self._warned >= _MINUTE:
            self._warned = now
            logger.warning(
                "cannot accept connections: %s; closed %d idle ones. Raise the limit on open files "
                "(ulimit -n, LimitNOFILE=) if this happens again",
                error.strerror,
                closed,
            )
        self._loop.remove_reader(self._listener.fileno())
        pause = _PAUSES.delay(self._failures).total_seconds()
        self._resuming = self._loop.call_later(pause, self.start)
        self._failures += 1
