"""Dead workers and database outages."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from aniworld_core.application.downloads import (
    LEASE,
    LIVE_WORKER_GRACE,
    SWEEP_EVERY,
    DeadWorkerSweep,
    ItemSession,
    WorkContext,
)
from aniworld_core.application.downloads.work.item_loop import OUTAGE_PAUSE
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.domain.configuration import DownloadsConfig
from aniworld_core.domain.downloads import DownloadItem, DownloadStatus, Progress
from aniworld_core.domain.identity import FolderName, WorkerId
from aniworld_core.errors import StorageUnavailableError
from aniworld_core.events import ItemRequeued
from aniworld_core.testing.factories import make_claim
from aniworld_core.testing.waiting import PATIENCE, eventually
from core.application.downloads.work.test_worker import _queued as queue_episodes
from support.application_stage import TICKETS, Stage, open_stage

pytestmark = pytest.mark.anyio

OTHER = WorkerId("other")


def _sweep(stage: Stage, every: timedelta = timedelta(milliseconds=5)) -> DeadWorkerSweep:
    context = WorkContext(
        tickets=TICKETS, queue=stage.storage.queue, bus=stage.bus, clock=stage.clock
    )
    return DeadWorkerSweep(context=context, roster=stage.roster, every=every)


@contextmanager
def _database_away(monkeypatch: pytest.MonkeyPatch, target: Any, *names: str) -> Iterator[None]:
    """Let the named calls fail inside the context."""

    async def refuse(*_: object, **__: object) -> None:
        raise StorageUnavailableError("it is locked by another program")

    with monkeypatch.context() as patch:
        for name in names:
            patch.setattr(type(target), name, refuse)
        yield


async def _held_by_other(stage: Stage) -> DownloadItem:
    await queue_episodes(stage)
    item = await stage.storage.queue.claim_next(
        make_claim(OTHER, since=stage.clock.now(), lease=LEASE)
    )
    assert item is not None
    return item


async def test_items_of_dead_workers_are_requeued_while_a_worker_is_busy(tmp_path: Path) -> None:
    """The sweep runs on its own timer, beside the items of the worker."""
    async with open_stage(tmp_path) as stage:
        worker = stage.app.worker
        worker._sweep = _sweep(stage)
        await queue_episodes(stage, 3)
        dead = await stage.storage.queue.claim_next(make_claim(OTHER, since=stage.clock.now()))
        assert dead is not None
        stage.fetcher.gate = anyio.Event()  # The first item of the worker never ends.
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(worker.drain)
            with anyio.fail_after(PATIENCE):
                await stage.fetcher.waiting.wait()
            stage.roster.dead.add(OTHER)

            with anyio.fail_after(PATIENCE):
                while (await stage.storage.queue.get(dead.id)).claim is not None:
                    await anyio.sleep(0.001)
            rescued = await stage.storage.queue.get(dead.id)
            tasks.cancel_scope.cancel()

        assert rescued.status is DownloadStatus.PENDING


@pytest.mark.parametrize(
    ("is_alive", "after", "status"),
    [
        (False, LEASE, DownloadStatus.PENDING),
        (False, LEASE - timedelta(seconds=1), DownloadStatus.DOWNLOADING),
        (True, LEASE, DownloadStatus.DOWNLOADING),
        (True, LEASE + LIVE_WORKER_GRACE - timedelta(seconds=1), DownloadStatus.DOWNLOADING),
        (True, LEASE + LIVE_WORKER_GRACE, DownloadStatus.PENDING),
    ],
)
async def test_running_workers_keep_their_items_longer_than_unknown_ones(
    tmp_path: Path, is_alive: bool, after: timedelta, status: DownloadStatus
) -> None:
    """A worker whose process runs gets extra time after its claims have expired."""
    async with open_stage(tmp_path) as stage:
        item = await _held_by_other(stage)
        if is_alive:
            stage.roster.alive.add(OTHER)
        stage.clock.advance(after)

        async with stage.bus.subscribe(ItemRequeued) as requeued:
            await _sweep(stage).sweep()
            assert (await stage.storage.queue.get(item.id)).status is status
            if status is DownloadStatus.PENDING:
                with anyio.fail_after(60):
                    event = await anext(requeued)
                assert event.item.id == item.id


def test_items_of_dead_workers_wait_at_most_fifteen_seconds() -> None:
    """Lease and sweep together stay below the documented bound."""
    assert timedelta(seconds=15) >= LEASE + SWEEP_EVERY


async def test_progress_that_cannot_be_stored_does_not_end_a_transfer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A progress or renewal that fails does not end the transfer; one warning is logged."""
    async with open_stage(tmp_path) as stage:
        await queue_episodes(stage)
        item = await stage.storage.queue.claim_next(make_claim(since=stage.clock.now()))
        assert item is not None
        outage = StorageOutage()
        session = ItemSession(
            item=item,
            folder=FolderName("Titan"),
            context=WorkContext(
                tickets=TICKETS,
                queue=stage.storage.queue,
                bus=stage.bus,
                clock=stage.clock,
                outage=outage,
            ),
            lease=timedelta(milliseconds=3),
        )
        queue = stage.storage.queue
        async with session.holding():
            with _database_away(monkeypatch, queue, "renew", "record_progress"):
                await session.on_progress(Progress(downloaded_bytes=1))
                await anyio.sleep(0.02)  # Several renewals.
            await session.on_progress(Progress(downloaded_bytes=2))
            await eventually(lambda: outage.is_over)

        warnings = [r for r in caplog.records if r.levelno >= logging.WARNING]
        assert len(warnings) == 1
        assert "locked by another program" in warnings[0].getMessage()


@pytest.mark.parametrize("settling", ["mark_downloaded", "save"])
async def test_after_an_outage_a_worker_continues_its_own_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settling: str
) -> None:
    """An item that could not be settled is settled first, before others are begun."""
    async with open_stage(tmp_path) as stage:
        first, *others = await queue_episodes(stage, 3)
        target: Any = stage.storage.series if settling == "mark_downloaded" else stage.storage.queue
        original = getattr(type(target), settling)
        failures = iter([True, True])

        async def sometimes(self: Any, *args: Any, **kwargs: Any) -> Any:
            if next(failures, False):
                raise StorageUnavailableError("it is locked by another program")
            return await original(self, *args, **kwargs)

        monkeypatch.setattr(type(target), settling, sometimes)

        report = await stage.app.worker.drain()

        assert [first.id, *(i.id for i in others)] == [i.id for i in report.completed]
        assert not stage.app.worker._loop._unsettled
        assert OUTAGE_PAUSE in stage.clock.slept


async def test_no_other_item_is_claimed_while_the_own_one_cannot_be_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed renewal is a further failure of the same outage, even if claims work again."""
    async with open_stage(tmp_path) as stage:
        first, *others = await queue_episodes(stage, 3)
        queue = type(stage.storage.queue)
        for name in ("save", "renew"):
            original, failures = getattr(queue, name), iter([True])

            async def once(
                self: Any, *args: Any, _call: Any = original, _failures: Any = failures
            ) -> Any:
                if next(_failures, False):
                    raise StorageUnavailableError("it is locked by another program")
                return await _call(self, *args)

            monkeypatch.setattr(queue, name, once)

        report = await stage.app.worker.drain()

        assert [first.id, *(i.id for i in others)] == [i.id for i in report.completed]


async def test_a_failed_call_of_one_lane_ends_no_other_transfer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed claim of one lane does not affect the transfer of another."""
    downloads = DownloadsConfig(reserve_bytes=0, concurrent=2)
    async with open_stage(tmp_path, downloads=downloads) as stage:
        await queue_episodes(stage)
        stage.fetcher.gate = anyio.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.worker.run)
            with anyio.fail_after(PATIENCE):
                await stage.fetcher.waiting.wait()
            with _database_away(monkeypatch, stage.storage.queue, "claim_next", "find"):
                for _ in range(50):
                    await anyio.lowlevel.checkpoint()
            assert stage.app.worker.is_running
            stage.fetcher.gate.set()
            with anyio.fail_after(PATIENCE):
                while not (await stage.app.queue.snapshot()).completed:
                    await anyio.wait_all_tasks_blocked()
            await stage.app.worker.stop()


async def test_a_worker_requeues_its_own_items_when_it_starts_again(tmp_path: Path) -> None:
    """After an outage the next run of the worker requeues items that it still holds."""
    async with open_stage(tmp_path) as stage:
        await queue_episodes(stage)
        held = await stage.storage.queue.claim_next(
            make_claim(stage.app.worker.id, since=stage.clock.now(), lease=timedelta(days=1))
        )

        report = await stage.app.worker.drain()

        assert held is not None
        assert [held.id] == [item.id for item in report.completed]


def test_an_outage_of_several_components_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    """Every further failure is a debug message until all components work again."""
    outage = StorageOutage()
    error = StorageUnavailableError("gone")

    with caplog.at_level(logging.DEBUG):
        for component in ("a", "b", "a", "c"):
            outage.failed(component, error)
        for component in ("a", "b", "c", "c"):
            outage.recovered(component)
        outage.failed("a", error)

    levels = [record.levelno for record in caplog.records]
    assert levels.count(logging.WARNING) == 2
    assert levels.count(logging.INFO) == 1


async def test_only_items_of_other_workers_are_waited_for(tmp_path: Path) -> None:
    """An own item in another lane and a free one are not held elsewhere."""
    async with open_stage(tmp_path) as stage:
        items = await queue_episodes(stage, 3)
        loop, now = stage.app.worker._loop, stage.clock.now()
        for worker in (stage.app.worker.id, OTHER):
            assert await stage.storage.queue.claim_next(make_claim(worker, since=now)) is not None

        found = [await loop._has_elsewhere([item.id]) for item in items]

    assert found == [False, True, False]
