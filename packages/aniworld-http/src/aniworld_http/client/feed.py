"""Live messages of a server."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import msgspec

from aniworld_http.client.refusals import (
    RemoteDeniedError,
    RemoteUnavailableError,
    RemoteUnusableError,
)
from aniworld_http.client.transport import Transport

_UNAUTHORIZED: Final = 4401
_HEARTBEAT_SECONDS: Final = 30.0


class Message(msgspec.Struct, frozen=True):
    """Something that happened, or how everything stands."""

    type: str
    timestamp: str
    data: dict[str, Any]


@asynccontextmanager
async def listening(
    transport: Transport, rooms: Sequence[str]
) -> AsyncIterator[AsyncIterator[Message]]:
    """Receive the messages of some rooms inside the context, beginning with their state.

    The iterator ends when the server says goodbye.

    Raises:
        RemoteDeniedError: If the server does not know who is asking, also from the iterator.
        RemoteUnavailableError: If it does not answer.
    """
    try:
        socket = await transport.session.ws_connect(
            f"{transport.base}/ws/connect",
            headers=transport.headers,
            heartbeat=_HEARTBEAT_SECONDS,
        )
    except aiohttp.WSServerHandshakeError as error:
        if error.status in {401, 403}:
            raise RemoteDeniedError("the server refuses to tell", status=error.status) from error
        raise RemoteUnavailableError(f"{transport.base}: {error.message}") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise RemoteUnavailableError(f"{transport.base} does not answer: {error}") from error
    async with socket:
        for room in rooms:
            await socket.send_json({"action": "join", "data": {"room": room}})
        yield _messages(socket)


async def _messages(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[Message]:
    async for frame in socket:
        if frame.type is aiohttp.WSMsgType.TEXT:
            try:
                yield msgspec.json.decode(frame.data, type=Message)
            except msgspec.DecodeError as error:
                raise RemoteUnusableError(f"the server sent nonsense: {error}") from error
    if socket.close_code == _UNAUTHORIZED:
        raise RemoteDeniedError("the session has ended", status=401)
