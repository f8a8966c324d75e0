"""The server of the database is away while workers of other machines go on."""

import asyncio
import os
from pathlib import Path

import anyio
import pytest

from aniworld_core.testing import make_claim, make_item, make_series
from aniworld_postgres import open_storage
from support.installed import find_command
from support.postgres_server import NoServerError, serve_postgres
from support.server_process import PATIENCE
from support.thorough import ONLY_THOROUGH

pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH, pytest.mark.external_service]


async def test_a_claim_survives_a_crash_of_the_server() -> None:
    """A worker that goes on keeps its item: no other one can claim it after the crash."""
    try:
        # Commits that do not wait for the disk are lost in a crash.
        with serve_postgres({"wal_writer_delay": "10s"}) as server:
            async with open_storage(server.local_url("postgres")) as storage:
                await storage.series.add(make_series())
                await storage.queue.add([make_item()])
                claimed = await storage.queue.claim_next(make_claim())
                assert claimed is not None

                server.control("restart", "-m", "immediate")

                assert (await storage.queue.get(claimed.id)).claim == claimed.claim
    except NoServerError as reason:
        pytest.skip(str(reason))


async def test_a_worker_waits_for_the_server_when_it_starts(tmp_path: Path) -> None:
    """Started while the server is away, it says so, and begins when the server is back."""
    try:
        with serve_postgres() as server:
            server.control("stop")
            variables = {
                "DATABASE_URL": server.local_url("postgres"),
                "ANIWORLD_DATA_DIR": str(tmp_path),
                "ANIME_DIRECTORY": str(tmp_path),
                "ANIWORLD_LANGUAGE": "en",
            }
            worker = await asyncio.create_subprocess_exec(
                find_command(),
                "worker",
                env={**os.environ, **variables},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                with anyio.fail_after(PATIENCE):
                    assert worker.stderr is not None
                    assert b"cannot be reached" in await worker.stderr.readline()
                    server.control("start")
                    assert worker.stdout is not None
                    assert b"downloads" in await worker.stdout.readline()
            finally:
                worker.kill()
                await worker.wait()
    except NoServerError as reason:
        pytest.skip(str(reason))
