"""One connection of a client, from the handshake to the close frame."""

import uuid
from functools import partial
from typing import Final

import anyio
import attrs
from aiohttp import WSCloseCode, WSMsgType, web

from aniworld_core.domain.access import Scope
from aniworld_core.errors import AniworldError, DeniedError, InvalidTokenError
from aniworld_core.messages import Message as Reason
from aniworld_http.refusals import refused
from aniworld_http.security.callers import CALLER, CALLERS, Caller, caller_of
from aniworld_http.security.connections import CONNECTIONS
from aniworld_http.websocket.actions import (
    Action,
    BadMessageError,
    first_token_of,
    read_action,
    room_of,
    token_of,
)
from aniworld_http.websocket.client import Ask, Client
from aniworld_http.websocket.frames import pong_frame
from aniworld_http.websocket.hub import HUB, Hub
from aniworld_http.websocket.messages import NOWHERE, Message
from aniworld_http.websocket.sessions import UNAUTHORIZED

#: Bytes of the reason in a close frame: 125 less its code (RFC 6455 section 5.5).
_LONGEST_REASON: Final = 123


async def connect(request: web.Request) -> web.StreamResponse:
    """Serve one client, which signs in with a header or with its first message."""
    hub = request.app[HUB]
    limits = hub.limits
    if hub.is_closing:
        raise refused(web.HTTPServiceUnavailable, Reason("server_stops"))
    if hub.has_too_many_unidentified and CALLER not in request:
        raise refused(web.HTTPServiceUnavailable, Reason("too_many_sign_in"))
    if not request.app[CONNECTIONS].has_room_for_socket(request.protocol):
        raise refused(web.HTTPServiceUnavailable, Reason("too_many_sockets"))
    socket = web.WebSocketResponse(
        compress=False,  # All clients get the same bytes, and lengths reveal no content.
        max_msg_size=limits.message,
        heartbeat=limits.heartbeat,
        timeout=limits.close,
        autoping=False,
        autoclose=False,
    )
    await socket.prepare(request)
    transport = request.transport
    if transport is None:
        return socket
    client = Client(id=uuid.uuid4().hex, transport=transport, limits=limits)
    with hub.attached(client):
        try:
            await _Conversation(request, socket, client, hub).hold()
        finally:
            await _close(socket, client, limits.close)
    return socket


async def _close(socket: web.WebSocketResponse, client: Client, seconds: float) -> None:
    """Close the connection with a close frame, or abort it after *seconds*."""
    client.dismiss(WSCloseCode.OK, "")
    reason = client.reason.encode()[:_LONGEST_REASON].decode(errors="ignore").encode()
    with anyio.move_on_after(seconds):
        await socket.close(code=client.code, message=reason)
    client.cut()


@attrs.define(eq=False)
class _Conversation:
    _request: web.Request
    _socket: web.WebSocketResponse
    _client: Client
    _hub: Hub

    async def hold(self) -> None:
        """Sign the client in, then run its actions until the connection ends."""
        if self._hub.is_closing:  # counted since the handshake
            self._client.dismiss(WSCloseCode.GOING_AWAY, "server shutdown")
        with self._client.scope:
            if await self._is_admitted():
                await self._serve()

    async def _serve(self) -> None:
        self._hub.tell(self._client, "connected", {"connection_id": self._client.id, "rooms": []})
        while True:
            text = await self._next_text()
            if text is None:
                return
            try:
                await self._follow(read_action(text))
            except BadMessageError as error:
                self._refuse(error.code, error.message)

    async def _is_admitted(self) -> bool:
        if {"Authorization", "X-Api-Key"} & self._request.headers.keys():
            return await self._admit(partial(_ask_headers, self._request))
        try:
            with anyio.fail_after(self._hub.limits.sign_in):
                text = await self._next_text()
        except TimeoutError:
            self._client.dismiss(UNAUTHORIZED, "no token was sent in time")
            return False
        if text is None:
            return False
        try:
            token = first_token_of(read_action(text))
        except BadMessageError as error:
            self._client.dismiss(UNAUTHORIZED, error.message)
            return False
        return await self._admit(self._ask_token(token))

    async def _admit(self, ask: Ask) -> bool:
        # Set first, so that the session watch sees a sign-out during the check.
        self._client.ask = ask
        try:
            await ask()
        except DeniedError as error:
            self._client.dismiss(UNAUTHORIZED, str(error))
            return False
        except AniworldError as error:
            self._client.dismiss(WSCloseCode.TRY_AGAIN_LATER, str(error))
            return False
        self._request.app[CONNECTIONS].identified(self._request.protocol)
        return True

    def _ask_token(self, token: str) -> Ask:
        return partial(self._request.app[CALLERS].by_token, token)

    async def _next_text(self) -> str | None:
        """Return the next text message; `None` when the connection has ended."""
        while True:
            message = await self._socket.receive()
            if message.type is WSMsgType.TEXT:
                text: str = message.data
                return text
            if message.type is WSMsgType.PING:
                pong = Message(NOWHERE, "pong", pong_frame(message.data))
                self._hub.send(self._client, pong)
            elif message.type is WSMsgType.BINARY:
                self._refuse("bad_message", "send text, not bytes")
            elif message.type is not WSMsgType.PONG:
                return None

    async def _follow(self, action: Action) -> None:
        match action.action:
            case "ping":
                self._hub.tell(self._client, "pong", {})
            case "join":
                room = room_of(action)
                if room in self._client.rooms:
                    self._hub.renew(self._client, room)
                self._hub.move(self._client, self._client.rooms | {room})
            case "leave":
                self._hub.move(self._client, self._client.rooms - {room_of(action)})
            case "auth":
                # Replaces the token; an invalid one closes the connection.
                await self._admit(self._ask_token(token_of(action)))
            case name:
                self._refuse("unknown_action", f"{name[:40]!r} is none of: auth, join, leave, ping")

    def _refuse(self, code: str, message: str) -> None:
        self._hub.tell(self._client, "error", {"code": code, "message": message})


async def _ask_headers(request: web.Request) -> Caller:
    caller = await caller_of(request)
    assert caller is not None  # noqa: S101 - there was such a header
    if not caller.scope.includes(Scope.READ):
        raise InvalidTokenError(Reason("token_only_for_feed"))
    return caller
