"""`aniworld worker`, `aniworld scheduler` and `aniworld serve --web-only` as processes."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from support.console import Console
from support.installed import find_command
from support.server_process import EPISODES, KEY, PATIENCE, ServerProcess, open_attic, started
from support.thorough import only_thorough

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def _process(
    server: ServerProcess, *command: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command in the folders of a server; yield it after its first line."""
    process = await asyncio.create_subprocess_exec(
        find_command(),
        *command,
        env={
            **os.environ,
            "ANIWORLD_DATA_DIR": str(server.data),
            "ANIME_DIRECTORY": str(server.library),
            "ANIWORLD_LANGUAGE": "en",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        with anyio.fail_after(PATIENCE):
            await process.stdout.readline()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _statuses(server: ServerProcess) -> list[str]:
    return [row[0] for row in server.rows("SELECT status FROM download_queue_item ORDER BY place")]


async def _until(server: ServerProcess, status: str, number: int) -> None:
    with anyio.fail_after(PATIENCE):
        while (await _statuses(server)).count(status) < number:
            await anyio.sleep(0.05)


async def _queue(server: ServerProcess, address: str, codes: Sequence[str]) -> None:
    await server.sign_in()
    await server.ask("POST", "api/anime/add", {"link": f"http://{address}/Cowboy%20Bebop/"})
    await server.ask("POST", "api/queue/add", {"serie_id": KEY, "episodes": list(codes)})


@only_thorough
async def test_a_worker_downloads_for_a_server_of_pages_only(tmp_path: Path) -> None:
    """The server starts no item; SIGTERM puts those of a worker back, and the next one ends them.

    The worker obeys the stop of the server's queue.
    """
    command = (find_command(), "serve", "--web-only")
    async with open_attic() as attic, started(tmp_path, attic, command=command) as server:
        await _queue(server, attic.server.address, EPISODES)
        assert (await server.ask("GET", "api/queue/status"))["is_running"]
        attic.stall()
        async with _process(server, "worker", "--slots", "2") as worker:
            await _until(server, "downloading", 2)
            assert (await _statuses(server)).count("pending") == 1
            worker.send_signal(signal.SIGTERM)
            with anyio.fail_after(PATIENCE):
                assert await worker.wait() == 0
        assert await _statuses(server) == ["pending"] * 3
        attic.show()
        await server.ask("POST", "api/queue/stop")
        async with _process(server, "worker") as worker:
            await anyio.sleep(1)
            assert await _statuses(server) == ["pending"] * 3
            await server.ask("POST", "api/queue/start")
            await _until(server, "completed", 3)
            worker.send_signal(signal.SIGTERM)
            with anyio.fail_after(PATIENCE):
                assert await worker.wait() == 0


@only_thorough
async def test_a_scheduler_leads_beside_a_server_of_pages_only(tmp_path: Path) -> None:
    """Scheduled tasks run in the process of the scheduler, and it ends with SIGTERM."""
    command = (find_command(), "serve", "--web-only")
    async with open_attic() as attic, started(tmp_path, attic, command=command) as server:
        await server.sign_in()
        assert server.rows("SELECT name FROM task_run WHERE name = 'statistics'") == []
        async with _process(server, "scheduler") as scheduler:
            with anyio.fail_after(PATIENCE):
                while not server.rows("SELECT name FROM task_run WHERE name = 'statistics'"):
                    await anyio.sleep(0.05)
            scheduler.send_signal(signal.SIGTERM)
            with anyio.fail_after(PATIENCE):
                assert await scheduler.wait() == 0


def test_wrong_slots_are_refused(console: Console) -> None:
    """A worker needs at least one slot."""
    answer = console("worker", "--slots", "0")

    assert answer.code == 2
    assert "--slots" in answer.err
