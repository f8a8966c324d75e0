"""Settlement: a cancelled worker completes a settlement that has started."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from aniworld_core.domain.downloads import DownloadItem, DownloadStatus
from aniworld_core.errors import FetchInterruptedError
from aniworld_core.events import DownloadCompleted
from aniworld_core.testing.waiting import PATIENCE
from core.application.downloads.work.test_worker import _queued
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio


def _pausing(
    monkeypatch: pytest.MonkeyPatch, target: Any, name: str
) -> tuple[anyio.Event, anyio.Event]:
    """Let a call wait before it runs; return the events *reached* and *go*."""
    reached, go = anyio.Event(), anyio.Event()
    plain = getattr(type(target), name)

    async def paused(*args: Any, **kwargs: Any) -> Any:
        reached.set()
        await go.wait()
        return await plain(*args, **kwargs)

    monkeypatch.setattr(type(target), name, paused)
    return reached, go


async def _cancelled_while(
    stage: Stage, work: Callable[[], Awaitable[object]], reached: anyio.Event, go: anyio.Event
) -> None:
    """Cancel *work* while it waits in the middle of the settlement, then let it continue."""
    async with anyio.create_task_group() as tasks:

        async def run() -> None:
            await work()

        tasks.start_soon(run)
        with anyio.fail_after(PATIENCE):
            await reached.wait()
        tasks.cancel_scope.cancel()
        with anyio.CancelScope(shield=True):
            for _ in range(5):
                await anyio.lowlevel.checkpoint()
            go.set()


@pytest.mark.parametrize("step", ["mark_downloaded", "save", "publish"])
async def test_a_finished_item_is_settled_though_its_worker_is_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Episode, item and event agree, whichever step of the settlement the cancellation meets."""
    async with open_stage(tmp_path) as stage:
        (item,) = await _queued(stage)
        series, queue = stage.storage.series, stage.storage.queue
        if step == "save":
            # The first save that a drain makes is that of the settlement.
            reached, go = _pausing(monkeypatch, queue, "save")
        elif step == "publish":
            reached, go = _on_completed(monkeypatch, stage)
        else:
            reached, go = _pausing(monkeypatch, series, step)

        await _cancelled_while(stage, stage.app.worker.drain, reached, go)

        settled = await queue.get(item.id)
        assert settled.status is DownloadStatus.COMPLETED
        files = await stage.storage.files.get([settled.file or ""])
        assert [bool(file.fingerprint) for file in files.values()] == [True]
        stored = (await series.get(item.episode.series_key)).episode(1, 1)
        assert stored.downloaded
        assert stored.file == settled.file
        assert len(stage.bus.of(DownloadCompleted)) == 1


def _on_completed(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> tuple[anyio.Event, anyio.Event]:
    reached, go = anyio.Event(), anyio.Event()
    plain = type(stage.bus).publish

    async def paused(bus: Any, event: Any) -> None:
        if isinstance(event, DownloadCompleted):
            reached.set()
            await go.wait()
        await plain(bus, event)

    monkeypatch.setattr(type(stage.bus), "publish", paused)
    return reached, go


async def test_a_cancelled_item_is_settled_though_its_worker_is_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An item that a user cancels does not stay claimed if the worker stops."""
    async with open_stage(tmp_path) as stage:
        (item,) = await _queued(stage)
        stage.fetcher.gate = anyio.Event()
        reached, go = _pausing(monkeypatch, stage.storage.queue, "save")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.worker.drain)
            with anyio.fail_after(PATIENCE):
                await stage.fetcher.waiting.wait()
            tasks.start_soon(stage.app.worker.cancel, item.id)
            with anyio.fail_after(PATIENCE):
                await reached.wait()
            tasks.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                for _ in range(5):
                    await anyio.lowlevel.checkpoint()
                go.set()

        settled: DownloadItem = await stage.storage.queue.get(item.id)
        assert settled.status is DownloadStatus.FAILED
        assert settled.failure is not None
        assert settled.failure.kind == "cancelled"


async def test_a_failed_item_is_requeued_though_its_worker_is_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An item with retries left does not stay failed if the worker stops."""
    async with open_stage(tmp_path) as stage:
        (item,) = await _queued(stage)
        stage.fetcher.errors = [FetchInterruptedError("reset")]
        reached, go = _pausing(monkeypatch, stage.storage.queue, "prune")

        await _cancelled_while(stage, stage.app.worker.drain, reached, go)

        settled = await stage.storage.queue.get(item.id)
        assert settled.status is DownloadStatus.PENDING
        assert settled.retry_count == 1
