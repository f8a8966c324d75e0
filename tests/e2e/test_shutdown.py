"""F23: the server exits in time although everything hangs, and at once on a second signal."""

import signal
import sqlite3
import time
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
import pytest

from support.hanging_server import IN_SHORT, hang
from support.server_process import EPISODES, PATIENCE, open_attic, started
from support.thorough import only_thorough

pytestmark = pytest.mark.anyio

#: Maximum seconds of a complete shutdown and of the start.
LIMIT = 30
#: Additional seconds for the steps on a busy machine.
BUSY = 5
#: Well below the 20 seconds that the queue and the storage would wait for the database.
AT_ONCE = 10


async def test_it_ends_although_everything_hangs(tmp_path: Path) -> None:
    """Listeners, a download and the database: it ends in time, and nothing is lost."""
    async with open_attic() as attic, AsyncExitStack() as stack:
        attic.stall()
        async with started(tmp_path, attic, command=IN_SHORT) as server:
            await hang(server, attic, stack)
            lock = sqlite3.connect(server.data / "aniworld.db", isolation_level=None)
            lock.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            server.terminate()
            code = await server.ended(PATIENCE)
            took = time.monotonic() - began
            lock.execute("ROLLBACK")
            lock.close()
            assert code == 0
            assert took <= LIMIT / 10 + BUSY
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
            await hang(server, attic, stack)
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
