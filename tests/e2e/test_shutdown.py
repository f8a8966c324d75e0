"""F23: the server exits in time although everything hangs, and at once on a second signal."""

import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
import pytest

from support.server_process import (
    EPISODES,
    KEY,
    PATIENCE,
    Attic,
    ServerProcess,
    open_attic,
    started,
)
from support.thorough import ONLY_THOROUGH, only_thorough

pytestmark = pytest.mark.anyio

#: Maximum seconds of a complete shutdown and of the start.
LIMIT = 30
#: Additional seconds for the steps on a busy machine.
BUSY = 5
#: Well below the 20 seconds that the queue and the storage would wait for the database.
AT_ONCE = 10
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


async def _hanging(server: ServerProcess, attic: Attic, stack: AsyncExitStack) -> None:
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


@pytest.mark.parametrize(
    ("command", "limit"),
    [
        pytest.param(IN_SHORT, LIMIT / 10, id="in short"),
        pytest.param(None, LIMIT, id="as it is", marks=ONLY_THOROUGH),
    ],
)
async def test_it_ends_although_everything_hangs(
    tmp_path: Path, command: Sequence[str] | None, limit: float
) -> None:
    """Listeners, a download and the database: it ends in time, and nothing is lost."""
    async with open_attic() as attic, AsyncExitStack() as stack:
        attic.stall()
        async with started(tmp_path, attic, command=command) as server:
            await _hanging(server, attic, stack)
            lock = sqlite3.connect(server.data / "aniworld.db", isolation_level=None)
            lock.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            server.terminate()
            code = await server.ended(PATIENCE)
            took = time.monotonic() - began
            lock.execute("ROLLBACK")
            lock.close()
            assert code == 0
            assert took <= limit + BUSY
        attic.show()
        async with started(tmp_path, attic) as server:
            await server.sign_in()
            with anyio.fail_after(PATIENCE):
                while (await server.ask("GET", "api/queue/summary"))["completed"] < len(EPISODES):
                    await anyio.sleep(0.1)


@only_thorough
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_told_twice_it_ends_at_once(tmp_path: Path, number: signal.Signals) -> None:
    """A second signal exits without waiting for the locked database; the next start works."""
    async with open_attic() as attic, AsyncExitStack() as stack:
        attic.stall()
        async with started(tmp_path, attic) as server:
            await _hanging(server, attic, stack)
            lock = sqlite3.connect(server.data / "aniworld.db", isolation_level=None)
            lock.execute("BEGIN IMMEDIATE")
            server.process.send_signal(number)
            await server.shutting_down()
            assert server.process.returncode is None
            server.process.send_signal(number)
            assert await server.ended(AT_ONCE) == 130
            lock.execute("ROLLBACK")
            lock.close()
            rows = server.rows("SELECT COUNT(*) FROM download_queue_item")
            assert rows == [(len(EPISODES),)]
            (verdict,) = server.rows("PRAGMA integrity_check")
            assert verdict == ("ok",)
