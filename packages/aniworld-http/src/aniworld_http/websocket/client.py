"""One client as the others see it: what it wants to know, and what waits for it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

import anyio
import attrs
from aiohttp import WSCloseCode

from aniworld_http.security.callers import Caller
from aniworld_http.websocket.limits import Limits
from aniworld_http.websocket.messages import NOWHERE, Message, Rooms

#: Asks whether the client may be here; raises when not.
Ask: TypeAlias = Callable[[], Awaitable[Caller]]


@attrs.define(eq=False, kw_only=True)
class Client:
    """A connection's sending half. Nothing here ever waits for the client.

    Everything goes to the transport as whole frames, never from two sides at once, and only
    while the client keeps up. What it is too slow for is kept, the newest of each topic; when
    that becomes too much it is thrown away and the present state is owed instead.

    Attributes:
        id: Names the connection.
        rooms: What the client wants to know.
        owed: Rooms of which the client is to get the present state first.
        ask: Asks again whether the client may be here; `None` as long as it has not said who it is.
        scope: Cancelled when the client has to go.
        code: With what the connection is closed.
        reason: The same in words.
    """

    id: str
    _transport: asyncio.Transport
    _limits: Limits
    rooms: Rooms = attrs.field(default=NOWHERE, init=False)
    owed: Rooms = attrs.field(default=NOWHERE, init=False)
    ask: Ask | None = attrs.field(default=None, init=False)
    scope: anyio.CancelScope = attrs.field(factory=anyio.CancelScope, init=False)
    code: int = attrs.field(default=WSCloseCode.OK, init=False)
    reason: str = attrs.field(default="", init=False)
    _backlog: dict[object, Message] = attrs.field(factory=dict, init=False)
    _written: int = attrs.field(default=0, init=False)
    _taken: int = attrs.field(default=0, init=False)
    _taken_at: float = attrs.field(factory=anyio.current_time, init=False)

    @property
    def keeps_up(self) -> bool:
        """Whether it may be written to at once, past nothing that waits."""
        return not self._backlog and not self.owed and self.has_room

    @property
    def has_room(self) -> bool:
        """Whether the transport takes more."""
        return self._transport.get_write_buffer_size() <= self._limits.buffered

    @property
    def buffered(self) -> int:
        """How many bytes the transport holds for it."""
        return self._transport.get_write_buffer_size()

    def write(self, wire: bytes) -> None:
        """Hand frames to the transport."""
        if not self._transport.is_closing() and not self.scope.cancel_called:
            self._written += len(wire)
            self._transport.write(wire)

    def send(self, message: Message) -> bool:
        """Send a message, or keep it.

        Returns:
            Whether it was sent.
        """
        if self.keeps_up:
            self.write(message.wire)
            return True
        self.keep((message,))
        return False

    def keep(self, messages: Iterable[Message]) -> None:
        """Keep messages until the client takes them."""
        for message in messages:
            # In the place of the one it replaces: order among topics does not matter.
            self._backlog[message.topic or message] = message
        if len(self._backlog) > self._limits.backlog:
            self._backlog.clear()
            self.owed = self.rooms

    def catch_up(self, state: Iterable[Message], told: Rooms) -> None:
        """Send what waited, after the present *state* of the rooms *told*."""
        current = [message for message in state if message.rooms & told]
        # What was kept about these rooms' state is older than, or the same as, what is sent now.
        kept = [m for m in self._backlog.values() if m.topic is None or not m.rooms & told]
        self._backlog.clear()
        self.owed -= told
        self.write(b"".join(m.wire for m in (*current, *kept)))

    def is_stalled(self, now: float) -> bool:
        """Whether it has taken nothing for too long of what waits, or too much waits for it."""
        buffered = self.buffered
        taken = self._written - buffered
        if not buffered or taken > self._taken:
            self._taken, self._taken_at = taken, now
        elif now - self._taken_at >= self._limits.stalled:
            return True
        return buffered > self._limits.most_buffered

    def dismiss(self, code: int, reason: str) -> None:
        """Let its connection close it properly; the first reason counts."""
        if not self.scope.cancel_called:
            self.code, self.reason = code, reason
            self.scope.cancel()

    def drop(self) -> None:
        """Cut the line: a goodbye would never arrive."""
        self.dismiss(WSCloseCode.TRY_AGAIN_LATER, "too slow")
        self._transport.abort()

    def cut(self) -> None:
        """Let nothing linger once the connection is closed, or should be."""
        if self.buffered or not self._transport.is_closing():
            self._transport.abort()
