"""A server process: start, SIGTERM or SIGKILL during a download, and restart."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiohttp import ClientWebSocketResponse, WSCloseCode, WSMsgType

from support.installed import find_command
from support.server_process import (
    EPISODES,
    KEY,
    PATIENCE,
    Attic,
    ServerProcess,
    film,
    open_attic,
    started,
)
from support.thorough import only_thorough

pytestmark = pytest.mark.anyio


async def _until(socket: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    while True:
        message = await socket.receive_json(timeout=PATIENCE)
        if message["type"] == kind:
            data: dict[str, Any] = message["data"]
            return data


async def _queued(server: ServerProcess, attic_address: str) -> None:
    link = f"http://{attic_address}/Cowboy%20Bebop/"
    added = await server.ask("POST", "api/anime/add", {"link": link})
    assert added["key"] == KEY
    body = {"serie_id": KEY, "episodes": list(EPISODES)}
    assert len((await server.ask("POST", "api/queue/add", body))["items"]) == len(EPISODES)


async def test_stopped_in_the_middle_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """After SIGTERM the item is pending with its bytes, and the next start completes it."""
    async with open_attic() as attic:
        attic.stall()
        async with started(tmp_path, attic) as server:
            await server.sign_in()
            socket = await server.listen()
            await _until(socket, "queue_status")
            await _queued(server, attic.server.address)
            with anyio.fail_after(PATIENCE):
                await attic.arrived.wait()
                progress: dict[str, Any] = {"downloaded_bytes": 0}
                while progress["downloaded_bytes"] < 850_000:
                    progress = await _until(socket, "download_progress")
                assert (progress["key"], progress["season"]) == (KEY, 1)
            server.terminate()
            seen = []
            with anyio.fail_after(PATIENCE):
                while (frame := await socket.receive()).type is WSMsgType.TEXT:
                    seen.append(json.loads(frame.data)["type"])
            assert seen[-1] == "server_shutdown"
            assert socket.close_code == WSCloseCode.GOING_AWAY
            assert await server.ended(PATIENCE) == 0
            wal = server.data / "aniworld.db-wal"
            assert not wal.exists() or wal.stat().st_size == 0
            statuses = [row[0] for row in server.rows("SELECT status FROM download_queue_item")]
            assert statuses == ["pending"] * len(EPISODES)
            assert [path for path in server.library.rglob("*.part") if path.stat().st_size]

        attic.show()
        attic.server.log.clear()
        async with started(tmp_path, attic) as server:
            await server.sign_in()
            socket = await server.listen()
            with anyio.fail_after(PATIENCE):
                while (await server.ask("GET", "api/queue/summary"))["completed"] < len(EPISODES):
                    await _until(socket, "download_complete")
            files = sorted(server.library.rglob("*.mp4"))
            assert [path.read_bytes() for path in files] == [film(n) for n in (1, 2, 3)]
            assert not list(server.library.rglob("*.part*"))
            first = next(path for path in attic.server.routes if path.endswith("S01E01.mp4"))
            assert attic.server.sent(first) <= len(film(1)) - 800_000
            server.terminate()
            assert await server.ended(PATIENCE) == 0


@only_thorough
async def test_killed_it_starts_clean(tmp_path: Path) -> None:
    """After SIGKILL the next start downloads every episode once."""
    async with open_attic() as attic:
        attic.stall()
        async with started(tmp_path, attic) as server:
            await server.sign_in()
            await _queued(server, attic.server.address)
            with anyio.fail_after(PATIENCE):
                await attic.arrived.wait()
            server.process.kill()
            await server.ended(PATIENCE)
        attic.show()
        async with started(tmp_path, attic) as server:
            await server.sign_in()
            socket = await server.listen()
            with anyio.fail_after(PATIENCE):
                while (await server.ask("GET", "api/queue/summary"))["completed"] < len(EPISODES):
                    await _until(socket, "download_complete")
            files = sorted(server.library.rglob("*.mp4"))
            assert [path.read_bytes() for path in files] == [film(n) for n in (1, 2, 3)]
            items = await server.ask("GET", "api/queue/items")
            assert [item["status"] for item in items] == ["completed"] * len(EPISODES)


@only_thorough
async def test_a_second_server_names_the_first(tmp_path: Path) -> None:
    """A second server exits at once, names the first, and changes nothing."""
    async with open_attic() as attic, started(tmp_path, attic) as server:
        with anyio.fail_after(PATIENCE):
            second = await anyio.run_process(
                [find_command(), "serve"], env=_environment(server), check=False
            )
        assert second.returncode != 0
        assert str(server.process.pid) in second.stderr.decode()
        await server.ask("GET", "health")


def _environment(server: ServerProcess) -> dict[str, str]:
    return {
        **os.environ,
        "ANIWORLD_DATA_DIR": str(server.data),
        "ANIME_DIRECTORY": str(server.library),
        "ANIWORLD_PORT": "0",
    }


async def _released(command: asyncio.subprocess.Process, attic: Attic) -> str:
    """Release the first episode when the command shows it; return the whole output."""
    said = ""
    assert command.stderr is not None
    async for line in command.stderr:
        said += line.decode()
        if said.count("started S01E01"):
            attic.released.set()
    return said


@only_thorough
async def test_the_command_follows_what_the_server_downloads(tmp_path: Path) -> None:
    """`aniworld download` follows items that the server downloads and fetches none twice."""
    async with open_attic() as attic:
        attic.slow_down()
        attic.hold_back()
        async with started(tmp_path, attic) as server:
            await server.sign_in()
            await _queued(server, attic.server.address)
            with anyio.fail_after(PATIENCE):
                while not (await server.ask("GET", "api/queue/summary"))["downloading"]:
                    await anyio.sleep(0.05)
            with anyio.fail_after(PATIENCE):
                command = await asyncio.create_subprocess_exec(
                    *(find_command(), "--data-dir", str(server.data), "download", KEY, "S01"),
                    env=_environment(server),
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.PIPE,
                )
                said = await _released(command, attic)
                assert await command.wait() == 0, said
            assert said.count("started S01E") == said.count("done S01E") == len(EPISODES)
            files = sorted(server.library.rglob("*.mp4"))
            assert [path.read_bytes() for path in files] == [film(n) for n in (1, 2, 3)]
            sent = [hit.path for hit in attic.server.log if hit.path.endswith(".mp4")]
            assert sorted(set(sent)) == sorted(attic.films())
            total = sum(attic.server.sent(path) for path in attic.films())
            assert total <= 1.1 * sum(len(film(n)) for n in (1, 2, 3))
