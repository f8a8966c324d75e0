"""Clients of /ws/connect, on a server of fakes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import attrs
from aiohttp import ClientWebSocketResponse, WSMsgType
from aiohttp.test_utils import TestClient, TestServer

from aniworld_core.events import Event
from aniworld_core.testing.fakes import FakeHasher
from aniworld_core.testing.waiting import PATIENCE
from aniworld_http.app import make_app
from aniworld_http.settings import HttpSettings
from aniworld_http.websocket import HUB, Hub, Limits
from support.application_stage import PausingClock, open_stage
from support.http_stage import KEY, Server

Message = dict[str, Any]


@attrs.define(eq=False)
class Listener:
    """A WebSocket client."""

    socket: ClientWebSocketResponse

    async def send(self, action: str, **data: object) -> None:
        """Send a message."""
        await self.socket.send_json({"action": action, "data": data})

    async def next(self) -> Message:
        """Read one message."""
        with anyio.fail_after(PATIENCE):
            message: Message = await self.socket.receive_json()
        assert set(message) == {"type", "timestamp", "data"}
        return message

    async def until(self, *kinds: str) -> list[Message]:
        """Read up to a message of one of these types; return all messages."""
        messages = [await self.next()]
        while messages[-1]["type"] not in kinds:
            messages.append(await self.next())
        return messages

    async def all_so_far(self) -> list[Message]:
        """Read all messages that were sent before this call."""
        await self.send("ping")
        return (await self.until("pong"))[:-1]

    async def join(self, *rooms: str) -> list[Message]:
        """Join rooms; return their first state."""
        for room in rooms:
            await self.send("join", room=room)
        return await self.all_so_far()

    async def close_code(self) -> int | None:
        """Read to the end; return the close code of the server."""
        with anyio.fail_after(PATIENCE):
            while True:
                message = await self.socket.receive()
                if message.type in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR}:
                    return self.socket.close_code


@attrs.define(eq=False)
class SocketServer(Server):
    """A server with WebSocket clients."""

    @property
    def hub(self) -> Hub:
        """The hub with its rooms."""
        return self.app[HUB]

    async def connect(self, **options: Any) -> Listener:
        """Open a socket without sending a message."""
        return Listener(await self.client.ws_connect("/ws/connect", **options))

    async def listen(self, *rooms: str, token: str | None = None) -> Listener:
        """Open a socket, sign in, join rooms and read their first state."""
        listener = await self.connect()
        await listener.send("auth", token=token or self.token)
        assert (await listener.next())["type"] == "connected"
        await listener.join(*rooms)
        return listener

    async def publish(self, *events: Event) -> None:
        """Publish an event."""
        for event in events:
            await self.stage.bus.publish(event)


@asynccontextmanager
async def open_sockets(
    folder: Path, limits: Limits | None = None, **stage_options: Any
) -> AsyncIterator[SocketServer]:
    """Serve an application of fakes with somebody signed in."""
    async with open_stage(folder, **{"clock": PausingClock(), **stage_options}) as stage:
        app = make_app(
            stage.app, HttpSettings(secret_key=KEY), hasher=FakeHasher(), socket_limits=limits
        )
        async with TestClient(TestServer(app)) as client:
            server = SocketServer(stage=stage, app=app, client=client)
            await server.sign_in()
            yield server


def kinds(messages: Sequence[Message]) -> list[str]:
    """Return the types of messages."""
    return [message["type"] for message in messages]
