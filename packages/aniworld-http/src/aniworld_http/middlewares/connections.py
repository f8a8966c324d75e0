"""Connections that ask for nothing are not waited for.

aiohttp gives a client all the time in the world to finish the headers of a request. Here every
connection that owes some is known by the time since when it does.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

import attrs
from aiohttp import web

#: Headers are complete after so many seconds, or never.
HEADER_SECONDS: Final = 10.0
#: So many connections may owe their headers at once, in all and from one address.
MOST_OWING: Final = 512
MOST_OWING_EACH: Final = 32
#: Nobody has connected and sent a request in no time; so long, one address may owe more.
_GRACE_SECONDS: Final = 1.0


class GuardedProtocol(asyncio.Protocol):
    """Stands between a connection and aiohttp, and notes when headers are owed."""

    def __init__(self, inner: asyncio.Protocol, connections: "Connections") -> None:
        """Guard one connection.

        Args:
            inner: aiohttp's protocol.
            connections: Where it is noted.
        """
        self._inner = inner
        self._connections = connections
        self.transport: asyncio.Transport | None = None
        self.address = ""
        self.is_busy = False
        # What comes most often is handed over without a step between.
        self.eof_received = inner.eof_received  # type: ignore[method-assign]
        self.pause_writing = inner.pause_writing  # type: ignore[method-assign]
        self.resume_writing = inner.resume_writing  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to owe headers."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - we listen on TCP only
        self.transport = transport
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) and peer else ""
        self._inner.connection_made(transport)
        self._connections.opened(self, self._inner)

    def data_received(self, data: bytes) -> None:
        """Hand data on; what comes between requests begins the next one."""
        if not self.is_busy:
            self._connections.owes(self)
        self._inner.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Owe nothing any more."""
        self._connections.closed(self, self._inner)
        self._inner.connection_lost(exc)


@attrs.define(eq=False)
class Connections:
    """All connections of a server, and which of them owe headers since when."""

    _monotonic: Callable[[], float] = time.monotonic
    _guards: dict[object, GuardedProtocol] = attrs.field(factory=dict, init=False)
    _owing: dict[GuardedProtocol, float] = attrs.field(factory=dict, init=False)

    def __len__(self) -> int:
        return len(self._guards)

    @property
    def owing(self) -> int:
        """How many owe headers."""
        return len(self._owing)

    def guard(self, protocol: asyncio.Protocol) -> GuardedProtocol:
        """Stand between a new connection and its protocol."""
        return GuardedProtocol(protocol, self)

    def opened(self, guard: GuardedProtocol, protocol: object) -> None:
        """Note a new connection; where too many owe headers, the oldest of them gives way."""
        self._guards[protocol] = guard
        self.owes(guard)
        if len(self._owing) > MOST_OWING:
            self._abort(next(iter(self._owing)))

    def owes(self, guard: GuardedProtocol) -> None:
        """Note that a request has begun to arrive; the first note counts."""
        self._owing.setdefault(guard, self._monotonic())

    def began(self, protocol: object) -> None:
        """Note that a request has arrived."""
        guard = self._guards.get(protocol)
        if guard is not None:
            guard.is_busy = True
            self._owing.pop(guard, None)

    def ended(self, protocol: object) -> None:
        """Note that a request is answered."""
        guard = self._guards.get(protocol)
        if guard is not None:
            guard.is_busy = False

    def closed(self, guard: GuardedProtocol, protocol: object) -> None:
        """Forget a connection."""
        self._guards.pop(protocol, None)
        self._owing.pop(guard, None)

    def reap(self) -> int:
        """Close those that owe headers for too long, or are too many from one address.

        Returns:
            How many were closed.
        """
        now = self._monotonic()
        late = [guard for guard, since in self._owing.items() if now - since >= HEADER_SECONDS]
        counts = Counter(guard.address for guard in self._owing)
        for guard, since in self._owing.items():
            if counts[guard.address] > MOST_OWING_EACH and now - since >= _GRACE_SECONDS:
                counts[guard.address] -= 1
                late.append(guard)
        for guard in dict.fromkeys(late):
            self._abort(guard)
        return len(dict.fromkeys(late))

    def _abort(self, guard: GuardedProtocol) -> None:
        self._owing.pop(guard, None)
        if guard.transport is not None:
            guard.transport.abort()


#: The connections of this server.
CONNECTIONS: Final = web.AppKey("CONNECTIONS", Connections)
