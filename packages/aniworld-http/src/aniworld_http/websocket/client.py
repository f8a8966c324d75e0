"""The sending half of one connection: its rooms and its unsent messages."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

import anyio
import attrs
from aiohttp import WSCloseCode

from aniworld_http.security.callers import Caller
from aniworld_http.websocket.limits import Limits
from aniworld_http.websocket.messages import NOWHERE, Message, Rooms

#: Checks that the client is still signed in; raises `DeniedError` if not.
Ask: TypeAlias = Callable[[], Awaitable[Caller]]


@attrs.define(eq=False, kw_only=True)
class Client:
    """The sending half of one connection. No method waits for the client.

    Messages go to the transport as whole frames while the client reads fast enough. Messages for
    a slow client are stored, only the newest of each topic. When too many are stored, they are
    dropped and the client gets the current state instead.

    Attributes:
        id: The id of the connection.
        rooms: The rooms that the client has joined.
        unsent: Rooms whose current state the client gets before new messages.
        ask: Checks the sign-in again; `None` until the client has signed in.
        scope: Cancelled to close the connection.
        code: The close code of the connection.
        reason: The reason sent with the close code.
    """

    id: str
    _transport: asyncio.Transport
    _limits: Limits
    rooms: Rooms = attrs.field(default=NOWHERE, init=False)
    unsent: Rooms = attrs.field(default=NOWHERE, init=False)
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
        """Whether messages can be written at once, because none is stored."""
        return not self._backlog and not self.unsent and self.has_room

    @property
    def has_room(self) -> bool:
        """Whether the transport buffer has space."""
        return self._transport.get_write_buffer_size() <= self._limits.buffered

    @property
    def buffered(self) -> int:
        """Number of bytes in the transport buffer."""
        return self._transport.get_write_buffer_size()

    def write(self, wire: bytes) -> None:
        """Write frames to the transport."""
        if not self._transport.is_closing() and not self.scope.cancel_called:
            self._written += len(wire)
            self._transport.write(wire)

    def send(self, message: Message) -> bool:
        """Send a message, or store it for later.

        Returns:
            Whether it was sent.
        """
        if self.keeps_up:
            self.write(message.wire)
            return True
        self.keep((message,))
        return False

    def keep(self, messages: Iterable[Message]) -> None:
        """Store messages until the client reads again."""
        for message in messages:
            # At the position of the one it replaces: the order of topics does not matter.
            self._backlog[message.topic or message] = message
        if len(self._backlog) > self._limits.backlog:
            self._backlog.clear()
            self.unsent = self.rooms

    def catch_up(self, state: Iterable[Message], rooms: Rooms) -> None:
        """Send the current *state* of *rooms*, then the stored messages."""
        current = [message for message in state if message.rooms & rooms]
        # Stored messages about the state of these rooms are not newer than *state*.
        kept = [m for m in self._backlog.values() if m.topic is None or not m.rooms & rooms]
        self._backlog.clear()
        self.unsent -= rooms
        self.write(b"".join(m.wire for m in (*current, *kept)))

    def is_stalled(self, now: float) -> bool:
        """Return whether the client has read nothing for too long, or its buffer is too large."""
        buffered = self.buffered
        taken = self._written - buffered
        if not buffered or taken > self._taken:
            self._taken, self._taken_at = taken, now
        elif now - self._taken_at >= self._limits.stalled:
            return True
        return buffered > self._limits.most_buffered

    def dismiss(self, code: int, reason: str) -> None:
        """Close the connection with a close frame; the first reason counts."""
        if not self.scope.cancel_called:
            self.code, self.reason = code, reason
            self.scope.cancel()

    def drop(self) -> None:
        """Abort the connection: a close frame would never arrive."""
        self.dismiss(WSCloseCode.TRY_AGAIN_LATER, "too slow")
        self._transport.abort()

    def cut(self) -> None:
        """Abort the transport if it is open or has unsent bytes."""
        if self.buffered or not self._transport.is_closing():
            self._transport.abort()
