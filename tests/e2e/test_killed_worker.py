"""Items of a killed worker are requeued by another busy process."""

from pathlib import Path

import anyio
import pytest

from e2e.test_other_processes import running_command
from support.server_process import EPISODES, KEY, PATIENCE, ServerProcess, open_attic, started
from support.thorough import ONLY_THOROUGH

#: Tests of the worker with fake clocks show the same in short.
pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH]


def _claimed(server: ServerProcess) -> dict[int, str]:
    """Return the worker of every active episode."""
    query = "SELECT episode, claim_worker FROM download_queue_item WHERE status = 'downloading'"
    return dict(server.rows(query))


async def _until_claimed(server: ServerProcess, count: int) -> dict[int, str]:
    with anyio.fail_after(PATIENCE):
        while len(set(_claimed(server).values())) < count:
            await anyio.sleep(0.05)
    return _claimed(server)


@pytest.mark.parametrize("is_elsewhere", [False, True], ids=["same machine", "another machine"])
async def test_a_busy_worker_takes_back_what_a_killed_one_held(
    tmp_path: Path, is_elsewhere: bool
) -> None:
    """A busy worker requeues the items of a killed one and keeps its own."""
    async with open_attic() as attic, started(tmp_path, attic) as server:
        attic.stall()
        await server.sign_in()
        link = f"http://{attic.server.address}/Cowboy%20Bebop/"
        await server.ask("POST", "api/anime/add", {"link": link})
        await server.ask("POST", "api/queue/add", {"serie_id": KEY, "episodes": [*EPISODES]})
        await server.ask("POST", "api/queue/start")
        await _until_claimed(server, 1)
        async with running_command(server, "queue", "run") as worker:
            (first, killed), (second, busy) = sorted((await _until_claimed(server, 2)).items())
            server.process.kill()
            await server.ended(PATIENCE)
            if is_elsewhere:
                # Without a lock file on this machine, the claim has to expire.
                (lock,) = server.data.rglob(f"{killed}.worker")
                lock.unlink()
            # That it takes 15 seconds at most is a test of lease and sweep, with no busy machine.
            with anyio.fail_after(PATIENCE):
                while killed in _claimed(server).values():
                    await anyio.sleep(0.05)
            assert _claimed(server) == {second: busy}
            assert worker.returncode is None
    assert first != second
