"""The disk of the data folder fills up while the server runs, on a real small disk."""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiohttp import ClientSession

from aniworld_core.testing.waiting import PATIENCE
from support.installed import find_command
from support.server_process import PASSWORD

_MOUNT = "mount -t tmpfs -o size=2m tmpfs"


def _may_mount(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-m", "sh", "-c", f'{_MOUNT} "$0"', str(folder)],
        check=False,
        capture_output=True,
    )
    return tried.returncode == 0


@asynccontextmanager
async def _server_on_a_small_disk(data: Path) -> AsyncIterator[tuple[str, Path]]:
    """Run a server with its data folder on a tmpfs of two mebibytes.

    Yields:
        Its URL, and the path of its data folder for other processes.
    """
    process = await asyncio.create_subprocess_exec(
        *("unshare", "-m", "sh", "-c", f'{_MOUNT} "$0" && exec "$1" serve', str(data)),
        find_command(),
        env={**os.environ, "ANIWORLD_DATA_DIR": str(data), "ANIWORLD_PORT": "0"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        with anyio.fail_after(PATIENCE):
            line = (await process.stdout.readline()).decode()
        yield line.split()[-1], Path(f"/proc/{process.pid}/root{data}")
    finally:
        process.kill()
        await process.wait()


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return


async def _ask(client: ClientSession, method: str, path: str, body: object) -> tuple[int, Any]:
    async with client.request(method, path, json=body) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if text else None


@pytest.mark.anyio
async def test_a_full_data_folder_is_said_and_gets_over(tmp_path: Path) -> None:
    """Changes get 507 and have no effect, reads work, and all works again with free space."""
    data = tmp_path / "data"
    data.mkdir()
    if not _may_mount(data):
        pytest.skip("only who may mount can fill a disk of his own")
    changes: list[tuple[str, str, object]] = [
        ("PUT", "api/config", {"name": "Other"}),
        ("POST", "api/config/backups", None),
        ("POST", "api/auth/login", {"password": PASSWORD}),
        ("POST", "api/auth/keys", {"name": "k" * 50, "scope": "read"}),
    ]
    reads = ("api/config", "api/anime", "api/queue/status", "api/config/backups", "health/ready")
    async with _server_on_a_small_disk(data) as (address, seen):
        async with ClientSession(address) as client:
            first = {
                "master_password": PASSWORD,
                "code": (seen / "setup-code").read_text().strip(),
            }
            await _ask(client, "POST", "api/auth/setup", first)
            _, made = await _ask(client, "POST", "api/auth/login", {"password": PASSWORD})
        headers = {"Authorization": f"Bearer {made['access_token']}"}
        async with ClientSession(address, headers=headers) as client:
            before = [await _ask(client, "GET", path, None) for path in reads]
            config = (seen / "config.json").read_bytes()
            _fill(seen / "filler")
            full = [await _ask(client, *change) for change in changes]
            meanwhile = [await _ask(client, "GET", path, None) for path in reads]
            unharmed = (seen / "config.json").read_bytes() == config
            leftovers = [path.name for path in seen.rglob("*.tmp")]
            (seen / "filler").unlink()
            after = [(await _ask(client, *change))[0] for change in changes]

    assert [status for status, _ in full] == [507] * len(changes)
    assert {problem["kind"] for _, problem in full} == {"storage_full"}
    assert all("the disk is full" in problem["detail"] for _, problem in full)
    assert meanwhile == before
    assert (unharmed, leftovers) == (True, [])
    assert after == [200, 201, 200, 201]
