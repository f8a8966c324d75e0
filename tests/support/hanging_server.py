"""A server on which everything hangs, so that its shutdown has to give up."""

import json
import socket
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import anyio

from providers.faults.server import Wire
from support.server_process import EPISODES, KEY, PATIENCE, Attic, ServerProcess, film

#: The server with a tenth of the time for each step of its shutdown.
_IN_SHORT = """
import functools, sys
from aniworld_cli.__main__ import main
from aniworld_core.application.automation.roles import queue_runner
from aniworld_http import app, websocket
from aniworld_http.lifespan import server, tasks
from aniworld_sqlite import _database

tasks.QUEUE_SECONDS, tasks._CANCEL_SECONDS = 1.0, 0.2
queue_runner._STOP_SECONDS = server.REQUEST_SECONDS = 0.2
websocket.Limits = functools.partial(websocket.Limits, close=0.3, shutdown=0.5)
_database.BUSY_TIMEOUT, _database.CLOSE_TIMEOUT_MS = 0.5, 500
sys.exit(main(["serve"]))
"""
IN_SHORT = (sys.executable, "-c", _IN_SHORT)
#: Requests on one connection whose responses nobody reads.
_UNREAD: Final = 300
#: Files in the library that a scan looks into.
_FILES: Final = 60


async def hang(server: ServerProcess, attic: Attic, stack: AsyncExitStack) -> None:
    """Occupy a server with everything that can hang.

    A download and a catalogue stop in the middle, a scan runs, listeners and readers read nothing,
    and a request is not sent to its end.
    """
    await server.sign_in()
    link = f"http://{attic.server.address}/Cowboy%20Bebop/"
    await server.ask("POST", "api/anime/add", {"link": link})
    _fill(server.library / "Trigun")
    body = {"serie_id": KEY, "episodes": list(EPISODES)}
    await server.ask("POST", "api/queue/add", body)
    host, port = server.address.removeprefix("http://").rstrip("/").split(":")

    def send(*lines: str, times: int = 1, body: bytes = b"") -> None:
        head = "\r\n".join((*lines, f"Host: {host}", f"Authorization: Bearer {server.token}"))
        connection = stack.enter_context(socket.create_connection((host, int(port))))
        connection.setblocking(False)
        connection.send((head.encode() + b"\r\n\r\n" + body) * times)

    for _ in range(5):
        send(
            "GET /ws/connect HTTP/1.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
        )
    send("GET /api/queue/items HTTP/1.1", times=_UNREAD)
    send("POST /api/queue/add HTTP/1.1", "Content-Type: application/json", "Content-Length: 99")
    attic.server.routes["/Trigun/"] = _never
    added = json.dumps({"link": f"http://{attic.server.address}/Trigun/"}).encode()
    json_lines = ("Content-Type: application/json", f"Content-Length: {len(added)}")
    send("POST /api/anime/add HTTP/1.1", *json_lines, body=added)
    send("POST /api/scheduler/trigger-rescan HTTP/1.1", "Content-Length: 0")
    with anyio.fail_after(PATIENCE):
        await attic.arrived.wait()


async def _never(_wire: Wire) -> None:
    await anyio.sleep_forever()


def _fill(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content = film(1, 64 * 1024)
    for number in range(1, _FILES + 1):
        (folder / f"Trigun - S01E{number:02}.mp4").write_bytes(content)
