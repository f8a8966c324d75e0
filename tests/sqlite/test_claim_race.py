"""Several processes share one queue and start at the same time."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from aniworld_core.domain.downloads import DownloadStatus
from aniworld_core.testing import make_item
from aniworld_core.testing.waiting import PATIENCE
from aniworld_sqlite import open_storage
from support.thorough import IS_THOROUGH

pytestmark = pytest.mark.anyio

ITEMS = 2000 if IS_THOROUGH else 200
WORKERS = 4

#: Prints that it is ready, waits for the start, drains the queue and prints its items.
DRAIN = """
import sys
import anyio
from aniworld_core.testing import make_claim
from aniworld_sqlite import open_storage

async def main(url, worker):
    async with open_storage(url) as storage:
        print("ready", flush=True)
        sys.stdin.readline()
        while item := await storage.queue.claim_next(make_claim(worker)):
            print(item.id)

anyio.run(main, *sys.argv[1:])
"""

#: Opens a database that does not exist yet.
OPEN = """
import sys
import anyio
from aniworld_sqlite import open_storage

async def main(url):
    print("ready", flush=True)
    sys.stdin.readline()
    async with open_storage(url) as storage:
        await storage.ping()

anyio.run(main, sys.argv[1])
"""


def _start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _race(processes: list[subprocess.Popen[str]]) -> list[list[str]]:
    """Start all processes at once; return the output of each."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    # All are waited for before the first assertion, so that none is left behind.
    printed = [process.communicate(timeout=PATIENCE) for process in processes]
    assert [
        (process.returncode, err) for process, (_, err) in zip(processes, printed, strict=True)
    ] == [(0, "") for _ in processes]
    return [out.split() for out, _ in printed]


@pytest.mark.thorough
async def test_processes_drain_a_queue_together(tmp_path: Path) -> None:
    """Each item is claimed by exactly one process, and no process sees a locked database."""
    url = f"sqlite:///{tmp_path}/test.db"
    async with open_storage(url) as storage:
        await storage.queue.add([make_item(number) for number in range(ITEMS)])

    taken = _race([_start(DRAIN, url, f"worker-{n}") for n in range(WORKERS)])

    times_taken = Counter(item_id for ids in taken for item_id in ids)
    assert set(times_taken) == {make_item(number).id for number in range(ITEMS)}
    assert max(times_taken.values()) == 1
    async with open_storage(url) as storage:
        held = await storage.queue.find(statuses={DownloadStatus.DOWNLOADING})
        owners = {item.id: item.claim.worker for item in held if item.claim}
    assert owners == {i: f"worker-{n}" for n, ids in enumerate(taken) for i in ids}


async def test_processes_make_a_database_together(tmp_path: Path) -> None:
    """Processes that open a new database at once can all use it."""
    url = f"sqlite:///{tmp_path}/new/test.db"

    _race([_start(OPEN, url) for _ in range(3)])

    assert [path.name for path in (tmp_path / "new").iterdir()] == ["test.db"]
