"""Commands beside a running server: the pages show their changes, and the server obeys them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import anyio
import pytest
from aiohttp import ClientWebSocketResponse
from anyio.abc import Process

from support.installed import find_command
from support.server_process import EPISODES, KEY, PATIENCE, ServerProcess, open_attic, started
from support.thorough import ONLY_THOROUGH

#: Tests of the storage and of the server show the same without processes.
pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH]


async def run_command(server: ServerProcess, *arguments: str) -> str:
    """Run a command beside the server; it must succeed. Return its stdout."""
    with anyio.fail_after(PATIENCE):
        done = await anyio.run_process(_line(server, *arguments), check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@asynccontextmanager
async def running_command(server: ServerProcess, *arguments: str) -> AsyncIterator[Process]:
    """Run a command beside the server until the block ends."""
    process = await anyio.open_process(_line(server, *arguments), stdout=DEVNULL, stderr=DEVNULL)
    async with process:
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()


def _line(server: ServerProcess, *arguments: str) -> list[str]:
    options = ["--data-dir", str(server.data), "--library", str(server.library)]
    return [find_command(), *options, *arguments]


class Room:
    """Reads a WebSocket continuously, like a page."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self._news = anyio.Event()

    async def read(self, socket: ClientWebSocketResponse) -> None:
        """Collect messages until cancelled."""
        while True:
            self.messages.append(await socket.receive_json())
            self._news.set()

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the data of the messages of a type."""
        return [message["data"] for message in self.messages if message["type"] == kind]

    async def until(self, kind: str) -> dict[str, Any]:
        """Wait for a message of a type and return its data."""
        with anyio.fail_after(PATIENCE):
            while not self.of(kind):
                self._news = anyio.Event()
                await self._news.wait()
        return self.of(kind)[-1]


async def _until(server: ServerProcess, field: str, value: object) -> None:
    """Wait until the server's summary fulfils a condition."""
    with anyio.fail_after(PATIENCE):
        while (await server.ask("GET", "api/queue/summary"))[field] != value:
            await anyio.sleep(0.05)


async def test_sockets_show_what_commands_do(tmp_path: Path) -> None:
    """Adding, downloading and scanning by commands sends the same messages as by the server."""
    async with (
        open_attic() as attic,
        started(tmp_path, attic) as server,
        anyio.create_task_group() as tasks,
    ):
        attic.slow_down()
        await server.sign_in()
        await server.ask("POST", "api/queue/stop")
        socket, room = await server.listen(), Room()
        await socket.send_json({"action": "join", "data": {"room": "scan_progress"}})
        tasks.start_soon(room.read, socket)

        before = (await room.until("queue_status"))["library_changes"]
        await run_command(server, "add", f"http://{attic.server.address}/Cowboy%20Bebop/")
        await run_command(server, "download", KEY, EPISODES[0])
        completed = await room.until("download_complete")
        await run_command(server, "scan", "--disk-only")
        scanned = await room.until("scan_complete")
        scan = await server.ask("GET", "api/anime/scan")
        tasks.cancel_scope.cancel()

    assert (completed["key"], completed["folder"]) == (KEY, "Cowboy Bebop")
    assert any(status["active_downloads"] for status in room.of("queue_status"))
    # Open pages reload their list of series.
    assert [s["library_changes"] - before for s in room.of("queue_status")][-1] == 1
    moved = room.of("download_progress")
    assert {data["download_id"] for data in moved} == {completed["download_id"]}
    assert max(data["downloaded_bytes"] for data in moved) > 0
    assert (scanned["files"], scanned["series"]) == (1, 1)
    assert (scan["status"], scan["scan_id"]) == ("completed", scanned["scan_id"])


async def test_stop_and_pause_outlast_a_kill_of_any_process(tmp_path: Path) -> None:
    """Stop and pause by a command apply within moments and survive SIGKILL."""
    async with open_attic() as attic:
        async with started(tmp_path, attic) as server:
            await server.sign_in()
            await run_command(server, "queue", "pause")
            await _until(server, "is_paused", True)
            await server.ask("POST", "api/queue/stop")
            server.process.kill()
            await server.ended(PATIENCE)
        async with started(tmp_path, attic) as server:
            await server.sign_in()
            status = await server.ask("GET", "api/queue/status")
            assert (status["is_running"], status["is_paused"]) == (False, True)
            await run_command(server, "queue", "start")
            await run_command(server, "queue", "resume")
            await _until(server, "is_running", True)
            await _until(server, "is_paused", False)
