"""Totals of the queue: rate and remaining time of the active and pending items."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from aniworld_core.domain.downloads import Progress, WorkerState
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.testing.factories import KEY, make_claim, make_item
from support.application_stage import open_stage

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024


def _progress(seconds: float | None) -> Progress:
    """Return the progress of an item that needs that long at 1 MiB per second."""
    if seconds is None:
        return Progress(downloaded_bytes=MIB)
    return Progress(downloaded_bytes=0, total_bytes=int(seconds * MIB), rate=MIB)


@pytest.mark.parametrize(
    ("seconds", "pending", "completed", "eta"),
    [
        ([], 0, [], None),
        ([20.0], 0, [], 20.0),
        ([20.0, 30.0], 0, [], 30.0),
        ([20.0, None], 0, [], None),
        ([None], 0, [], None),
        ([], 3, [20.0], None),
        ([20.0], 3, [], 80.0),
        ([20.0, 40.0], 4, [30.0, 30.0], 90.0),
        ([10.0], 2, [40.0, 40.0], 70.0),
        ([500.0], 1, [0.0], 750.0),
    ],
)
async def test_the_remaining_time_includes_pending_items(
    tmp_path: Path,
    seconds: Sequence[float | None],
    pending: int,
    completed: Sequence[float],
    eta: float | None,
) -> None:
    """Pending items count with the mean size of others, at the speed of all active items."""
    async with open_stage(tmp_path) as stage:
        queue = stage.storage.queue
        claim = make_claim(since=stage.clock.now(), lease=timedelta(hours=1))
        for number, each in enumerate((*completed, *seconds)):
            await queue.add([make_item(number, episode=EpisodeRef(KEY, 1, number))])
            item = await queue.claim_next(claim)
            assert item is not None
            await queue.record_progress(item.id, _progress(each))
            if number < len(completed):
                done = Progress(downloaded_bytes=int((each or 0) * MIB))
                await queue.record_progress(item.id, done)
                item = await queue.get(item.id)
                await queue.save(item.complete(stage.clock.now(), "a.mp4", None))
        await queue.add([make_item(900 + n, episode=EpisodeRef(KEY, 2, n)) for n in range(pending)])

        worker = WorkerState(is_running=True, is_paused=False, waiting_for=None)
        status = await stage.app.queue_reader.status(worker)
        summary = await stage.app.queue_reader.summary(worker)

    assert status.statistics.estimated_time_remaining == summary.eta_seconds == eta


async def test_downloaded_bytes_are_counted_in_megabytes(tmp_path: Path) -> None:
    """`total_downloaded_mb` is the sum of all items in millions of bytes."""
    async with open_stage(tmp_path) as stage:
        queue = stage.storage.queue
        await queue.add([make_item(1), make_item(2)])
        claim = make_claim(since=stage.clock.now(), lease=timedelta(hours=1))
        for size in (1_500_000, 2_250_000):
            item = await queue.claim_next(claim)
            assert item is not None
            await queue.record_progress(item.id, Progress(downloaded_bytes=size))

        worker = WorkerState(is_running=True, is_paused=False, waiting_for=None)
        status = await stage.app.queue_reader.status(worker)

    assert status.statistics.total_downloaded_mb == 3.75
