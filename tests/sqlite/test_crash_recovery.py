"""A killed process loses no acknowledged change."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest

from aniworld_core.domain.downloads import DownloadStatus, Progress
from aniworld_core.testing import WORKER, make_claim, make_item
from aniworld_sqlite import open_storage

pytestmark = pytest.mark.anyio

#: Claims an item, records progress, prints it and hangs.
HOLD = """
import sys
import anyio
from aniworld_core.domain.downloads.progress import Progress
from aniworld_core.testing import make_claim
from aniworld_sqlite import open_storage

async def main(url):
    async with open_storage(url) as storage:
        item = await storage.queue.claim_next(make_claim())
        await storage.queue.record_progress(item.id, Progress(downloaded_bytes=5, total_bytes=9))
        print(item.id, flush=True)
        await anyio.sleep_forever()

anyio.run(main, sys.argv[1])
"""

#: Adds items endlessly and prints each one when it is stored.
ADD = """
import itertools
import sys
import anyio
from aniworld_core.testing import make_item
from aniworld_sqlite import open_storage

async def main(url):
    async with open_storage(url) as storage:
        for number in itertools.count():
            item = make_item(number)
            await storage.queue.add([item])
            print(item.id, flush=True)

anyio.run(main, sys.argv[1])
"""


@contextmanager
def _victim(script: str, url: str) -> Iterator[IO[str]]:
    """Run the script and read its output; kill it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as printed:
        try:
            yield printed
        finally:
            process.kill()
            process.wait()


async def test_a_killed_worker_gives_its_item_back(tmp_path: Path) -> None:
    """The claim of a killed worker is valid until it expires, then the item is released."""
    url = f"sqlite:///{tmp_path}/test.db"
    claim = make_claim()
    async with open_storage(url) as storage:
        await storage.queue.add([make_item(1)])

    with _victim(HOLD, url) as printed:
        item_id = printed.readline().strip()

    async with open_storage(url) as storage:
        (held,) = await storage.queue.find()
        assert (held.id, held.status, held.claim) == (item_id, DownloadStatus.DOWNLOADING, claim)
        early = await storage.queue.release_expired(claim.expires_at - timedelta(seconds=1))
        assert list(early) == []

        (released,) = await storage.queue.release_expired(claim.expires_at)

        assert (released.id, released.status) == (item_id, DownloadStatus.PENDING)
        assert released.progress == Progress(downloaded_bytes=5, total_bytes=9)
        again = await storage.queue.claim_next(make_claim(since=claim.expires_at))
        assert again is not None


async def test_a_dead_worker_need_not_be_waited_for(tmp_path: Path) -> None:
    """The items of a worker known to be dead are released before the claim expires."""
    url = f"sqlite:///{tmp_path}/test.db"
    async with open_storage(url) as storage:
        await storage.queue.add([make_item(1)])

    with _victim(HOLD, url) as printed:
        printed.readline()

    async with open_storage(url) as storage:
        assert len(await storage.queue.release_held_by(WORKER)) == 1


async def test_what_was_acknowledged_is_kept(tmp_path: Path) -> None:
    """Every acknowledged item is stored completely, plus at most one more."""
    url = f"sqlite:///{tmp_path}/test.db"
    async with open_storage(url):
        pass

    with _victim(ADD, url) as printed:
        acknowledged = [printed.readline().strip() for _ in range(50)]

    async with open_storage(url) as storage:
        kept = await storage.queue.find()
    assert [item.id for item in kept][:50] == acknowledged
    assert list(kept) == [make_item(number) for number in range(len(kept))]
