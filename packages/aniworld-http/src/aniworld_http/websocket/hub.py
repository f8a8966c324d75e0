"""All connections: their rooms, and the messages to them."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import anyio
import attrs
from aiohttp import WSCloseCode, web

from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.application.ticks import next_tick
from aniworld_core.errors import AniworldError
from aniworld_core.ports.clock import Clock
from aniworld_http.websocket.client import Client
from aniworld_http.websocket.limits import Limits
from aniworld_http.websocket.messages import NOWHERE, Message, Room, Rooms, make_message

logger: Final = logging.getLogger(__name__)

#: Seconds between two checks for stalled clients.
_LOOK_EVERY: Final = 1.0
_COMPONENT: Final = "the live state for clients"


@attrs.define(eq=False, kw_only=True)
class Hub:
    """Send each message once to each client of its rooms, without waiting for any of them.

    Args:
        snapshot: Returns the present state of every room.
        clock: The clock for the time of messages.
        limits: Times and sizes.
        outage: Logs that the database cannot be used.

    Attributes:
        is_closing: Whether new connections are refused.
    """

    _snapshot: Callable[[], Awaitable[Sequence[Message]]]
    _clock: Clock
    limits: Limits
    _outage: StorageOutage = attrs.field(factory=StorageOutage)
    is_closing: bool = attrs.field(default=False, init=False)
    _clients: dict[Client, None] = attrs.field(factory=dict, init=False)
    _members: Counter[Room] = attrs.field(factory=Counter, init=False)
    _due: list[Message] = attrs.field(factory=list, init=False)
    _behind: dict[Client, None] = attrs.field(factory=dict, init=False)
    _news: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    _lateness: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    _departure: anyio.Event = attrs.field(factory=anyio.Event, init=False)

    @property
    def clients(self) -> Collection[Client]:
        """All connections, including those that have not signed in yet."""
        return tuple(self._clients)

    @property
    def members(self) -> Mapping[Room, int]:
        """Number of clients in each room."""
        return {room: self._members[room] for room in Room}

    @property
    def has_news(self) -> bool:
        """Whether messages are due at the next tick."""
        return bool(self._due)

    @property
    def has_too_many_unidentified(self) -> bool:
        """Whether too many connections have not signed in yet."""
        unidentified = sum(client.ask is None for client in self._clients)
        return unidentified >= self.limits.unidentified

    def has_listeners(self, rooms: Rooms) -> bool:
        """Return whether a client is in one of these rooms."""
        return any(self._members[room] for room in rooms)

    @contextmanager
    def attached(self, client: Client) -> Iterator[None]:
        """Register a client inside the context."""
        self._clients[client] = None
        try:
            yield
        finally:
            self.move(client, NOWHERE)
            self._clients.pop(client)
            self._behind.pop(client, None)
            departure, self._departure = self._departure, anyio.Event()
            departure.set()

    def move(self, client: Client, rooms: Rooms) -> None:
        """Set the rooms of a client; it gets the state of the new ones."""
        self._members.subtract(client.rooms)
        self._members.update(rooms)
        client.unsent = (client.unsent & rooms) | (rooms - client.rooms)
        client.rooms = rooms
        if client.unsent:
            self._is_late(client)

    def renew(self, client: Client, room: Room) -> None:
        """Send the state of one of its rooms to a client again."""
        client.unsent |= {room} & client.rooms
        self._is_late(client)

    def renew_all(self) -> None:
        """Send the current state to all clients, because messages were missed."""
        for client in self._clients:
            if client.rooms:
                client.unsent = client.rooms
                self._is_late(client)

    def post(self, *messages: Message) -> None:
        """Send messages to the clients of their rooms at the next tick."""
        if messages:
            self._due += messages
            self._news.set()

    def tell(self, client: Client, kind: str, data: Mapping[str, object]) -> None:
        """Send a message to one client, after all earlier messages to it."""
        self.send(client, make_message(kind, data, self._clock.now()))

    def send(self, client: Client, message: Message) -> None:
        """Send an encoded message to one client."""
        if not client.send(message):
            self._is_late(client)

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._deliver)
            tasks.start_soon(self._catch_up)
            tasks.start_soon(self._drop_stalled)

    async def close_all(self) -> None:
        """Send `server_shutdown` to every client and close with 1001; idempotent."""
        self.is_closing = True
        self.flush()
        shutdown = make_message("server_shutdown", {"reason": "shutdown"}, self._clock.now())
        for client in self.clients:
            client.write(shutdown.wire)  # before stored messages, because nothing may follow it
            client.dismiss(WSCloseCode.GOING_AWAY, "server shutdown")
        with anyio.move_on_after(self.limits.shutdown):
            while self._clients:
                await self._departure.wait()
        for client in self.clients:
            client.drop()

    def flush(self) -> None:
        """Send the due messages: one write for each client, the same bytes for the same rooms."""
        batch, self._due = self._due, []
        wires: dict[Rooms, bytes] = {}
        for client in self._clients:
            rooms = client.rooms
            wire = wires.get(rooms)
            if wire is None:
                wire = wires[rooms] = b"".join(m.wire for m in batch if m.rooms & rooms)
            if not wire:
                continue
            if client.keeps_up:
                client.write(wire)
            else:
                client.keep(message for message in batch if message.rooms & rooms)
                self._is_late(client)

    async def _deliver(self) -> None:
        while True:
            await self._news.wait()
            self._news = anyio.Event()
            self.flush()
            await anyio.sleep(self.limits.tick)

    async def _catch_up(self) -> None:
        """Send state and stored messages to slow clients as soon as they read again."""
        while True:
            await self._lateness.wait()
            self._lateness = anyio.Event()
            ready = {client: client.unsent for client in self._behind if client.has_room}
            try:
                state = await self._snapshot() if any(ready.values()) else ()
            except AniworldError as error:
                self._outage.failed(_COMPONENT, error)
                ready = {}
                await anyio.sleep(_LOOK_EVERY)
            for client, unsent in ready.items():
                client.catch_up(state, unsent)
                if client.keeps_up:
                    self._behind.pop(client, None)
            if self._behind:
                self._lateness.set()
            else:  # also when the slow clients have disconnected
                self._outage.recovered(_COMPONENT)
            await anyio.sleep(self.limits.tick)

    async def _drop_stalled(self) -> None:
        while True:
            await anyio.sleep_until(next_tick(min(_LOOK_EVERY, self.limits.stalled / 2)))
            now = anyio.current_time()
            for client in self.clients:
                if client.is_stalled(now):
                    logger.info("dropped the connection %s: the client reads nothing", client.id)
                    client.drop()

    def _is_late(self, client: Client) -> None:
        self._behind[client] = None
        self._lateness.set()


#: The connections of this server.
HUB: Final = web.AppKey("HUB", Hub)
