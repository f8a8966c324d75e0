"""Totals of the queue: rate and remaining time of the active items."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from aniworld_core.domain.downloads import Progress, WorkerState
from aniworld_core.testing.factories import make_claim, make_item
from support.application_stage import open_stage

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024


def _progress(seconds: float | None) -> Progress:
    """Return the progress of an item that needs that long at 1 MiB per second."""
    if seconds is None:
        return Progress(downloaded_bytes=MIB)
    return Progress(downloaded_bytes=0, total_bytes=int(seconds * MIB), rate=MIB)


@pytest.mark.parametrize(
    ("seconds", "eta"),
    [([], None), ([20.0], 20.0), ([20.0, 30.0], 30.0), ([20.0, None], None), ([None], None)],
    ids=["no item", "one", "the slowest of two", "one unknown", "all unknown"],
)
async def test_the_remaining_time_is_known_if_that_of_every_item_is(
    tmp_path: Path, seconds: Sequence[float | None], eta: float | None
) -> None:
    """The queue is complete when its slowest item is; a pending item does not count."""
    async with open_stage(tmp_path) as stage:
        queue = stage.storage.queue
        await queue.add([make_item(number) for number in range(1, len(seconds) + 2)])
        claim = make_claim(since=stage.clock.now(), lease=timedelta(hours=1))
        for each in seconds:
            item = await queue.claim_next(claim)
            assert item is not None
            await queue.record_progress(item.id, _progress(each))

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
