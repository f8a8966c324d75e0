"""Limits on connections: how many, from one address and in all, and for how long they may wait.

aiohttp gives a client unlimited time to finish the headers of a request and counts no connections.
Here each connection is in one of five stages. Those that do nothing, or for callers who have not
proved who they are, give way to others: from the address that has most of them the oldest first. So
a flood from one address costs that address its own connections, and a connection that sends a
request at once is served, even if it comes from the same address, as behind a proxy.
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
#: Seconds that a request of an unknown caller may take, its body and its answer included.
STRANGER_SECONDS: Final = 90.0
#: Connections that may owe their headers at once, in all and from one address.
MOST_OWING: Final = 512
MOST_OWING_EACH: Final = 32
#: Seconds in which a client can connect and send a request; so long it is not counted as too many.
_GRACE_SECONDS: Final = 1.0
_MINUTE: Final = 60.0


class Stage(Enum):
    """What a connection does, in the order in which connections give way."""

    OWING = "has not sent a whole request"
    IDLE = "waits between requests"
    REQUEST = "has a request under way, of an unknown caller"
    KNOWN_IDLE = "waits between requests, and was used by a signed-in caller"
    KNOWN = "has a request or a socket of a signed-in caller under way"


@attrs.frozen
class _Bound:
    """Most connections of a stage: from one address, in all, and after how many seconds."""

    each: int
    total: int
    grace: float = 0.0


_BOUNDS: Final = {
    Stage.OWING: _Bound(MOST_OWING_EACH, MOST_OWING, _GRACE_SECONDS),
    Stage.IDLE: _Bound(64, 512),
    Stage.REQUEST: _Bound(64, 512, _GRACE_SECONDS),
    Stage.KNOWN_IDLE: _Bound(256, 2048),
}
#: Which stages give way together, and in which order those of one address do.
_GIVING_WAY: Final = (
    {Stage.OWING: 0, Stage.IDLE: 0, Stage.REQUEST: 1},
    {Stage.KNOWN_IDLE: 0},
)


class GuardedProtocol(asyncio.Protocol):
    """Stands between a connection and aiohttp, and reports when its stage changes."""

    def __init__(self, inner: asyncio.Protocol, connections: "Connections") -> None:
        """Guard one connection.

        Args:
            inner: aiohttp's protocol.
            connections: Where it is counted.
        """
        self._inner = inner
        self._connections = connections
        self.transport: asyncio.Transport | None = None
        self.address = ""
        self.stage = Stage.OWING
        # What comes most often is handed over without a step between.
        self.eof_received = inner.eof_received  # type: ignore[method-assign]
        self.pause_writing = inner.pause_writing  # type: ignore[method-assign]
        self.resume_writing = inner.resume_writing  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to owe headers."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - we listen on TCP only
        self.transport = transport
        peer = transport.get_extra_info("peername")
        address = parse_address(str(peer[0])) if isinstance(peer, tuple) and peer else None
        self.address = counted(address) if address is not None else ""
        self._inner.connection_made(transport)
        self._connections.opened(self, self._inner)

    def data_received(self, data: bytes) -> None:
        """Hand data on; what comes between requests begins the next one."""
        if self.stage is Stage.IDLE or self.stage is Stage.KNOWN_IDLE:
            self._connections.owes(self)
        self._inner.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop being counted."""
        self._connections.closed(self, self._inner)
        self._inner.connection_lost(exc)


@attrs.define(eq=False)
class Connections:
    """All connections of a server by their stage, each stage in the order of entering it.

    Attributes:
        capacity: Most connections at once; set from the limit on open files.
    """

    _monotonic: Callable[[], float] = time.monotonic
    capacity: int = 65_536
    _guards: dict[object, GuardedProtocol] = attrs.field(factory=dict, init=False)
    _stages: dict[Stage, dict[GuardedProtocol, float]] = attrs.field(init=False)
    _known: set[GuardedProtocol] = attrs.field(factory=set, init=False)
    _said: float = attrs.field(default=-math.inf, init=False)

    @_stages.default
    def _make_stages(self) -> dict[Stage, dict[GuardedProtocol, float]]:
        return {stage: {} for stage in Stage}

    def __len__(self) -> int:
        return len(self._guards)

    @property
    def owing(self) -> int:
        """How many owe headers."""
        return len(self._stages[Stage.OWING])

    def guard(self, protocol: asyncio.Protocol) -> GuardedProtocol:
        """Stand between a new connection and its protocol."""
        return GuardedProtocol(protocol, self)

    def opened(self, guard: GuardedProtocol, protocol: object) -> None:
        """Count a new connection; where there are too many, others give way."""
        self._guards[protocol] = guard
        self._enter(guard, Stage.OWING)
        if self.owing > MOST_OWING:
            self._abort(next(_giving_way(self._stages[Stage.OWING])))
        if len(self._guards) > self.capacity:
            # Several at once, so that not every newcomer of a flood looks for one.
            self.make_room(max(1, self.capacity // 32), newcomer=guard)

    def owes(self, guard: GuardedProtocol) -> None:
        """Note that a request has begun to arrive."""
        self._enter(guard, Stage.OWING)

    def began(self, protocol: object, client: str | None = None) -> None:
        """Note that a request has arrived.

        Args:
            protocol: Of its connection.
            client: Who sent it, where a trusted proxy says so: it counts instead of the proxy.
        """
        guard = self._guards.get(protocol)
        if guard is not None:
            guard.address = client or guard.address
            self._enter(guard, Stage.KNOWN if guard in self._known else Stage.REQUEST)

    def recognised(self, protocol: object) -> None:
        """Note that the connection is used by a caller who has proved who it is."""
        guard = self._guards.get(protocol)
        if guard is not None and guard not in self._known:
            self._known.add(guard)
            if guard.stage is Stage.REQUEST:
                self._enter(guard, Stage.KNOWN)

    def ended(self, protocol: object) -> None:
        """Note that a request is answered."""
        guard = self._guards.get(protocol)
        if guard is not None:
            self._enter(guard, Stage.KNOWN_IDLE if guard in self._known else Stage.IDLE)

    def closed(self, guard: GuardedProtocol, protocol: object) -> None:
        """Forget a connection."""
        self._guards.pop(protocol, None)
        self._stages[guard.stage].pop(guard, None)
        self._known.discard(guard)

    def has_room_for_socket(self, protocol: object) -> bool:
        """Whether a connection may stay open for long.

        Sockets take at most three quarters of all places, those of one address at most half.
        """
        guard = self._guards.get(protocol)
        known = self._stages[Stage.KNOWN]
        if guard is None or len(known) <= self.capacity // 2:
            return True
        own = sum(each.address == guard.address for each in known)
        return len(known) <= self.capacity * 3 // 4 and own <= self.capacity // 2

    def reap(self) -> int:
        """Close those that wait for too long, or are too many, from one address or in all.

        Returns:
            How many were closed.
        """
        now = self._monotonic()
        closed = self._abort_all(self._late(Stage.OWING, now - HEADER_SECONDS))
        closed += self._abort_all(self._late(Stage.REQUEST, now - STRANGER_SECONDS))
        for stage, bound in _BOUNDS.items():
            settled = self._late(stage, now - bound.grace)
            counts = Counter(guard.address for guard in self._stages[stage])
            closed += self._abort_all(_excess(settled, counts, bound))
        return closed

    def make_room(self, amount: int, newcomer: GuardedProtocol | None = None) -> int:
        """Close connections for others: the oldest of the address that has most of them.

        Args:
            amount: How many to close.
            newcomer: Closed only where no other can be.

        Returns:
            How many were closed; fewer than asked for when all others are at work for callers who
            are signed in.
        """
        closed: Counter[str] = Counter()
        for stages in _GIVING_WAY:
            ranks = {
                guard: (rank, since)
                for stage, rank in stages.items()
                for guard, since in self._stages[stage].items()
                if guard is not newcomer
            }
            in_order = sorted(ranks, key=ranks.__getitem__)
            for guard in islice(_giving_way(in_order), amount - closed.total()):
                closed[guard.address] += 1
                self._abort(guard)
        if newcomer is not None and not closed:
            closed[newcomer.address] += 1
            self._abort(newcomer)
        self._say(closed)
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
        # Its place is free at once, although the loop closes it a moment later.
        self.closed(guard, guard._inner)  # noqa: SLF001 - the two are one
        if guard.transport is not None:
            guard.transport.abort()

    def _say(self, closed: Counter[str]) -> None:
        now = self._monotonic()
        if closed and now - self._said >= _MINUTE:
            self._said = now
            address, most = closed.most_common(1)[0]
            logger.warning(
                "too many connections: %d were closed to make room, %d of them from %s",
                closed.total(),
                most,
                address or "an unknown address",
            )


def _giving_way(in_order: Iterable[GuardedProtocol]) -> Iterator[GuardedProtocol]:
    """Yield all guards: always the first in order of the address that has most left."""
    groups: dict[str, deque[GuardedProtocol]] = {}
    for guard in in_order:
        groups.setdefault(guard.address, deque()).append(guard)
    # Of addresses with equally many the one whose first is oldest.
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
    """Return those that are too many, from one address and in all, the oldest first."""
    excess: list[GuardedProtocol] = []
    kept: list[GuardedProtocol] = []
    for guard in settled:
        if counts[guard.address] > bound.each:
            counts[guard.address] -= 1
            excess.append(guard)
        else:
            kept.append(guard)
    return excess + list(islice(_giving_way(kept), max(0, counts.total() - bound.total)))


#: The connections of this server.
CONNECTIONS: Final = web.AppKey("CONNECTIONS", Connections)
