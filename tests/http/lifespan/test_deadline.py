"""The shutdown ends in time although something hangs."""

import signal
import subprocess
import sys
from typing import Final

import pytest

from aniworld_core.testing.waiting import PATIENCE

_PROGRAM: Final = """
import asyncio, logging, threading
import anyio
from aniworld_http.lifespan import deadline, stop_signals

deadline.SHUTDOWN_SECONDS = 0.1
logging.basicConfig()

def hang():
    threading.Event().wait()

async def main():
    stop = anyio.Event()
    async with stop_signals(stop):
        print("ready", flush=True)
        await stop.wait()
    HANG

anyio.run(main)
"""


@pytest.mark.parametrize(
    "hang",
    ["asyncio.get_running_loop().run_in_executor(None, hang)", "hang()"],
    ids=["thread", "event loop"],
)
def test_a_hanging_shutdown_ends(hang: str) -> None:
    """A thread or the event loop hangs: the process ends with 0 and logs where."""
    server = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM.replace("HANG", hang)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    server.send_signal(signal.SIGTERM)
    _, log = server.communicate(timeout=PATIENCE)

    assert server.returncode == 0
    assert "the shutdown ends after" in log
    assert "threading.py" in log
