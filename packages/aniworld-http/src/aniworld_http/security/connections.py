"""Limits on connections: their number per address and in all, and their time without a request.

aiohttp gives a client unlimited time to finish the headers of a request and does not count
connections. Here each connection is in one of five stages. When there are too many, connections
that are idle or belong to unidentified callers are closed: the oldest ones of the address with the
most connections first. A flood from one address therefore closes connections of that address only.
A connection that sends a request at once is served, also when it comes from the same address, as
behind a proxy.
"""

import asyncio
import logging
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from heapq import heapify, heappop, heapreplace
from itertools import islice
from typing import Final

import attrs
from aiohttp import web

from aniworld_http.security.client_addresses import counted, parse_address

logger: Final = logging.getLogger(__name__)

#: Seconds until the headers of a request must be complete.
HEADER_SECONDS: Final = 10.0
#: Seconds that a request of an unidentified caller may take, including body and response.
ANONYMOUS_SECONDS: Final = 90.0
#: Connections with incomplete headers at once, in all and from one address.
MAX_INCOMPLETE: Final = 512
MAX_INCOMPLETE_PER_ADDRESS: Final = 32
#: Seconds in which a new connection is not counted; a normal client sends a request in it.
_GRACE_SECONDS: Final = 1.0
_MINUTE: Final = 60.0


class Stage(Enum):
    """State of a connection, in the order in which connections are closed."""

    INCOMPLETE = "has not sent the complete headers of a request"
    IDLE = "idle between requests"
    REQUEST = "processing a request of an unidentified caller"
    KNOWN_IDLE = "idle between requests, used by an identified caller"
    KNOWN = "processing a request or WebSocket of an identified caller"


@attrs.frozen
class _Bound:
    """Limits of a stage: connections per address, in all, and seconds before they are counted."""

    each: int
    total: int
    grace: float = 0.0


_BOUNDS: Final = {
    Stage.INCOMPLETE: _Bound(MAX_INCOMPLETE_PER_ADDRESS, MAX_INCOMPLETE, _GRACE_SECONDS),
    Stage.IDLE: _Bound(64, 512),
    Stage.REQUEST: _Bound(64, 512, _GRACE_SECONDS),
    Stage.KNOWN_IDLE: _Bound(256, 2048),
}
#: Stages whose connections are closed together, with their order within one address.
_CLOSING_ORDER: Final = (
    {Stage.INCOMPLETE: 0, Stage.IDLE: 0, Stage.REQUEST: 1},
    {Stage.KNOWN_IDLE: 0},
)


class GuardedProtocol(asyncio.Protocol):
    """Wraps the protocol of aiohttp and reports stage changes of its connection."""

    def __init__(self, inner: asyncio.Protocol, connections: "Connections") -> None:
        """Wrap the protocol of one connection.

        Args:
            inner: Protocol of aiohttp.
            connections: Counts the connection.
        """
        self._inner = inner
        self._connections = connections
        self.transport: asyncio.Transport | None = None
        self.address = ""
        self.stage = Stage.INCOMPLETE
        # The most frequent calls go to the inner protocol directly.
        self.eof_received = inner.eof_received  # type: ignore[method-assign]
        self.pause_writing = inner.pause_writing  # type: ignore[method-assign]
        self.resume_writing = inner.resume_writing  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection and wait for headers."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - we listen on TCP only
        self.transport = transport
        peer = transport.get_extra_info("peername")
        address = parse_address(str(peer[0])) if isinstance(peer, tuple) and peer else None
        self.address = counted(address) if address is not None else ""
        self._inner.connection_made(transport)
        self._connections.opened(self, self._inner)

    def data_received(self, data: bytes) -> None:
        """Pass data on; data after a finished request starts the next one."""
        if self.stage is Stage.IDLE or self.stage is Stage.KNOWN_IDLE:
            self._connections.request_starting(self)
        self._inner.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop counting the connection."""
        self._connections.closed(self, self._inner)
        self._inner.connection_lost(exc)


@attrs.define(eq=False)
class Connections:
    """All connections of a server by stage, within a stage in the order of entering it.

    Attributes:
        capacity: Maximum number of connections; set from the limit on open files.
    """

    _monotonic: Callable[[], float] = time.monotonic
    capacity: int = 65_536
    _guards: dict[object, GuardedProtocol] = attrs.field(factory=dict, init=False)
    _stages: dict[Stage, dict[GuardedProtocol, float]] = attrs.field(init=False)
    _known: set[GuardedProtocol] = attrs.field(factory=set, init=False)
    _warned: float = attrs.field(default=-math.inf, init=False)

    @_stages.default
    def _make_stages(self) -> dict[Stage, dict[GuardedProtocol, float]]:
        return {stage: {} for stage in Stage}

    def __len__(self) -> int:
        return len(self._guards)

    @property
    def incomplete(self) -> int:
        """Number of connections with incomplete headers."""
        return len(self._stages[Stage.INCOMPLETE])

    def guard(self, protocol: asyncio.Protocol) -> GuardedProtocol:
        """Return a wrapper for the protocol of a new connection."""
        return GuardedProtocol(protocol, self)

    def opened(self, guard: GuardedProtocol, protocol: object) -> None:
        """Count a new connection; close others when there are too many."""
        self._guards[protocol] = guard
        self._enter(guard, Stage.INCOMPLETE)
        if self.incomplete > MAX_INCOMPLETE:
            self._abort(next(_in_closing_order(self._stages[Stage.INCOMPLETE])))
        if len(self._guards) > self.capacity:
            # Close several at once, so that not each new connection of a flood sorts all.
            self.make_room(max(1, self.capacity // 32), newcomer=guard)

    def request_starting(self, guard: GuardedProtocol) -> None:
        """Record that the first bytes of a request arrived."""
        self._enter(guard, Stage.INCOMPLETE)

    def request_started(self, protocol: object, client: str | None = None) -> None:
        """Record that the headers of a request are complete.

        Args:
            protocol: Protocol of the connection.
            client: Client that a trusted proxy reports; counted instead of the proxy.
        """
        guard = self._guards.get(protocol)
        if guard is not None:
            guard.address = client or guard.address
            self._enter(guard, Stage.KNOWN if guard in self._known else Stage.REQUEST)

    def identified(self, protocol: object) -> None:
        """Record that an identified caller uses the connection."""
        guard = self._guards.get(protocol)
        if guard is not None and guard not in self._known:
            self._known.add(guard)
            if guard.stage is Stage.REQUEST:
                self._enter(guard, Stage.KNOWN)

    def request_ended(self, protocol: object) -> None:
        """Record that the response was sent."""
        guard = self._guards.get(protocol)
        if guard is not None:
            self._enter(guard, Stage.KNOWN_IDLE if guard in self._known else Stage.IDLE)

    def closed(self, guard: GuardedProtocol, protocol: object) -> None:
        """Stop counting a connection."""
        self._guards.pop(protocol, None)
        self._stages[guard.stage].pop(guard, None)
        self._known.discard(guard)

    def has_room_for_socket(self, protocol: object) -> bool:
        """Whether a connection may become a WebSocket.

        WebSockets may use three quarters of the capacity, those of one address half of it.
        """
        guard = self._guards.get(protocol)
        known = self._stages[Stage.KNOWN]
        if guard is None or len(known) <= self.capacity // 2:
            return True
        own = sum(each.address == guard.address for each in known)
        return len(known) <= self.capacity * 3 // 4 and own <= self.capacity // 2

    def reap(self) -> int:
        """Close connections that exceed a time limit or the limits of their stage.

        Returns:
            Number of closed connections.
        """
        now = self._monotonic()
        closed = self._abort_all(self._late(Stage.INCOMPLETE, now - HEADER_SECONDS))
        closed += self._abort_all(self._late(Stage.REQUEST, now - ANONYMOUS_SECONDS))
        for stage, bound in _BOUNDS.items():
            settled = self._late(stage, now - bound.grace)
            counts = Counter(guard.address for guard in self._stages[stage])
            closed += self._abort_all(_excess(settled, counts, bound))
        return closed

    def make_room(self, amount: int, newcomer: GuardedProtocol | None = None) -> int:
        """Close the oldest connections of the addresses with the most connections.

        Args:
            amount: Number of connections to close.
            newcomer: The new connection; closed only if no other can be closed.

        Returns:
            Number of closed connections; less than *amount* when all others process requests of
            identified callers.
        """
        closed: Counter[str] = Counter()
        for stages in _CLOSING_ORDER:
            ranks = {
                guard: (rank, since)
                for stage, rank in stages.items()
                for guard, since in self._stages[stage].items()
                if guard is not newcomer
            }
            in_order = sorted(ranks, key=ranks.__getitem__)
            for guard in islice(_in_closing_order(in_order), amount - closed.total()):
                closed[guard.address] += 1
                self._abort(guard)
        if newcomer is not None and not closed:
            closed[newcomer.address] += 1
            self._abort(newcomer)
        self._warn(closed)
        return closed.total()

    def _late(self, stage: Stage, before: float) -> list[GuardedProtocol]:
        return [guard for guard, since in self._stages[stage].items() if since <= before]

    def _enter(self, guard: GuardedProtocol, stage: Stage) -> None:
        self._stages[guard.stage].pop(guard, None)
        guard.stage = stage
        self._stages[stage][guard] = self._monotonic()

    def _abort_all(self, guards: Iterable[GuardedProtocol]) -> int:
        chosen = list(guards)
        for guard in chosen:
            self._abort(guard)
        return len(chosen)

    def _abort(self, guard: GuardedProtocol) -> None:
        # It is uncounted at once, although the event loop closes it a moment later.
        self.closed(guard, guard._inner)  # noqa: SLF001 - both classes of this module belong together
        if guard.transport is not None:
            guard.transport.abort()

    def _warn(self, closed: Counter[str]) -> None:
        now = self._monotonic()
        if closed and now - self._warned >= _MINUTE:
            self._warned = now
            address, most = closed.most_common(1)[0]
            logger.warning(
                "too many connections: closed %d, %d of them from %s",
                closed.total(),
                most,
                address or "an unknown address",
            )


def _in_closing_order(in_order: Iterable[GuardedProtocol]) -> Iterator[GuardedProtocol]:
    """Yield all guards: each time the first one of the address with the most guards left."""
    groups: dict[str, deque[GuardedProtocol]] = {}
    for guard in in_order:
        groups.setdefault(guard.address, deque()).append(guard)
    # Among addresses with the same number, the one with the oldest guard comes first.
    greediest = [(-len(group), place, group) for place, group in enumerate(groups.values())]
    heapify(greediest)
    while greediest:
        left, place, group = greediest[0]
        yield group.popleft()
        if left == -1:
            heappop(greediest)
        else:
            heapreplace(greediest, (left + 1, place, group))


def _excess(
    settled: Iterable[GuardedProtocol], counts: Counter[str], bound: _Bound
) -> list[GuardedProtocol]:
    """Return the guards that exceed the limit per address or in all, the oldest first."""
    excess: list[GuardedProtocol] = []
    kept: list[GuardedProtocol] = []
    for guard in settled:
        if counts[guard.address] > bound.each:
            counts[guard.address] -= 1
            excess.append(guard)
        else:
            kept.append(guard)
    return excess + list(islice(_in_closing_order(kept), max(0, counts.total() - bound.total)))


#: The connections of this server.
CONNECTIONS: Final = web.AppKey("CONNECTIONS", Connections)
