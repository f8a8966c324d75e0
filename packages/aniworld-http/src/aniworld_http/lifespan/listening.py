"""Listening for connections, each of them guarded."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from aniworld_core.errors import SettingsError
from aniworld_http.keys import SETTINGS
from aniworld_http.middlewares.connections import CONNECTIONS

_BACKLOG: Final = 1024


@asynccontextmanager
async def listening(runner: web.AppRunner) -> AsyncIterator[str]:
    """Accept connections inside the context.

    Yields:
        The address that people open.

    Raises:
        SettingsError: If the address cannot be bound.
    """
    app = runner.app
    settings = app[SETTINGS]
    connections = app[CONNECTIONS]
    make_protocol = runner.server
    assert make_protocol is not None  # noqa: S101 - the runner is set up

    def guarded() -> asyncio.Protocol:
        return connections.guard(make_protocol())

    try:
        server = await asyncio.get_running_loop().create_server(
            guarded, settings.host, settings.port, backlog=_BACKLOG, reuse_address=True
        )
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise SettingsError(
            [f"ANIWORLD_HOST, ANIWORLD_PORT: cannot listen on {where}: {error.strerror}"]
        ) from error
    try:
        yield _address(server.sockets[0], settings.host, settings.base_path)
    finally:
        # Accepts no more; what is connected goes on until it is closed in its turn.
        server.close()


def _address(listener: socket.socket, host: str, base_path: str) -> str:
    port = listener.getsockname()[1]
    shown = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)  # noqa: S104 - only compared
    if ":" in shown:
        shown = f"[{shown}]"
    return f"http://{shown}:{port}{base_path.rstrip('/')}/"
