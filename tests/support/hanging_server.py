"""A server on which everything hangs, so that its shutdown has to give up."""

import socket
import sys
from contextlib import AsyncExitStack

import anyio

from support.server_process import EPISODES, KEY, PATIENCE, Attic, ServerProcess

#: The server with a tenth of the time for each step of its shutdown.
_IN_SHORT = """
import functools, sys
from aniworld_cli.__main__ import main
from aniworld_http import app, queue_runner, websocket
from aniworld_http.lifespan import tasks
from aniworld_sqlite import _database

tasks.QUEUE_SECONDS, tasks._CANCEL_SECONDS = 1.0, 0.2
queue_runner._STOP_SECONDS = 0.2
websocket.Limits = functools.partial(websocket.Limits, close=0.3, shutdown=0.5)
_database.BUSY_TIMEOUT, _database.CLOSE_TIMEOUT_MS = 0.5, 500
sys.exit(main(["serve"]))
"""
IN_SHORT = (sys.executable, "-c", _IN_SHORT)


async def hang(server: ServerProcess, attic: Attic, stack: AsyncExitStack) -> None:
    """Start a download that hangs, and clients that do not read."""
    await server.sign_in()
    link = f"http://{attic.server.address}/Cowboy%20Bebop/"
    await server.ask("POST", "api/anime/add", {"link": link})
    body = {"serie_id": KEY, "episodes": list(EPISODES)}
    await server.ask("POST", "api/queue/add", body)
    host, port = server.address.removeprefix("http://").rstrip("/").split(":")
    handshake = (
        f"GET /ws/connect HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Sec-WebSocket-Version: 13\r\nAuthorization: Bearer {server.token}\r\n\r\n"
    )
    for _ in range(5):
        silent = stack.enter_context(socket.create_connection((host, int(port))))
        silent.sendall(handshake.encode())
    with anyio.fail_after(PATIENCE):
        await attic.arrived.wait()
