"""/ws/connect: live updates for clients."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Final

import anyio
import attrs
from aiohttp import web

from aniworld_core.domain.automation import TaskName
from aniworld_http.keys import APPLICATION
from aniworld_http.operations import Answer, Endpoint, Kind, Operation, Policy
from aniworld_http.queue_runner import QUEUE_RUNNER
from aniworld_http.schemas import json_response
from aniworld_http.security.callers import CALLERS
from aniworld_http.websocket.connection import connect
from aniworld_http.websocket.feed import Feed
from aniworld_http.websocket.hub import HUB, Hub
from aniworld_http.websocket.limits import Limits
from aniworld_http.websocket.sessions import SessionWatch
from aniworld_http.websocket.state import LiveState

__all__ = [
    "ENDPOINTS",
    "HUB",
    "SOCKET_PATH",
    "STATE",
    "Hub",
    "Limits",
    "add_websocket",
    "close_all",
    "context",
]

#: Current state of queue and scan, for new clients.
STATE: Final = web.AppKey("STATE", LiveState)


@attrs.frozen(kw_only=True)
class SocketStatus:
    """Number of connections, in total and in each room."""

    connections: int
    rooms: Mapping[str, int]


async def status(request: web.Request) -> web.Response:
    """Return the number of connections."""
    hub = request.app[HUB]
    rooms = {room.value: amount for room, amount in hub.members.items()}
    return json_response(SocketStatus(connections=len(hub.clients), rooms=rooms))


#: Path of the WebSocket.
SOCKET_PATH: Final = "/ws/connect"
ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    Operation(
        method="GET",
        path="/ws/status",
        handler=status,
        id="getWebSocketStatus",
        policy=Policy(kind=Kind.SOCKET),
        summary="Number of connections at /ws/connect, in total and in each room",
        answers={200: Answer(description="The numbers", content=SocketStatus)},
    ),
    Endpoint(
        method="GET",
        path=SOCKET_PATH,
        handler=connect,
        policy=Policy(kind=Kind.SOCKET, is_handshake=True),
    ),
)


def add_websocket(app: web.Application, limits: Limits | None = None) -> None:
    """Add live updates to the server: the tasks that feed the socket, and its shutdown.

    Its endpoints are added with all others.

    Args:
        app: The server.
        limits: Times and sizes; the documented ones if omitted.
    """
    application = app[APPLICATION]
    runner = app[QUEUE_RUNNER]
    app[STATE] = state = LiveState(application, lambda: runner.state)
    app[HUB] = Hub(
        snapshot=state.snapshot,
        clock=application.clock,
        limits=limits or Limits(),
        outage=application.outage,
    )
    app.cleanup_ctx.append(context)
    # Not in the cleanup, which aiohttp starts only when every connection is closed.
    app.on_shutdown.append(close_all)


async def context(app: web.Application) -> AsyncIterator[None]:
    """Deliver messages while the server runs."""
    hub = app[HUB]
    feed = Feed(bus=app[APPLICATION].bus, hub=hub, state=app[STATE], limits=hub.limits)
    watch = SessionWatch(
        callers=app[CALLERS],
        clients=lambda: hub.clients,
        every=hub.limits.session_check,
        outage=app[APPLICATION].outage,
    )

    async def run() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(hub.run)
            tasks.start_soon(feed.run)
            tasks.start_soon(watch.run)

    # A separate task, since start and cleanup may run in different ones.
    follow = app[APPLICATION].tasks.follow
    task = asyncio.create_task(follow(TaskName.LIVE_PAGES, run), name="websocket")
    yield
    await hub.close_all()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def close_all(app: web.Application) -> None:
    """Close every connection; return when all are closed."""
    await app[HUB].close_all()
