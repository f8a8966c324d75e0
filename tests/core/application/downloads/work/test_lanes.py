"""Number of concurrent downloads while the configuration changes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from aniworld_core.application.downloads import WorkerGate
from aniworld_core.domain.configuration import DownloadsConfig
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.testing.factories import make_episode, make_series
from aniworld_core.testing.fakes import FakeLoader
from aniworld_core.testing.waiting import PATIENCE, eventually
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("attack-on-titan")
LINK = f"https://fake.invalid/{KEY}"


@asynccontextmanager
async def _running(folder: Path, concurrent: int, episodes: int) -> AsyncIterator[Stage]:
    """Run a worker whose transfers wait."""
    series = make_series(
        KEY,
        provider="fake",
        site="fake.invalid",
        link=LINK,
        episodes=[make_episode(number) for number in range(1, episodes + 1)],
    )
    downloads = DownloadsConfig(concurrent=concurrent, reserve_bytes=0)
    loaders = [FakeLoader(series=[series])]
    async with open_stage(folder, loaders=loaders, downloads=downloads) as stage:
        await stage.app.catalogue.add(LINK)
        await stage.app.queue.enqueue(KEY)
        stage.fetcher.gate = anyio.Event()
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stage.app.worker.run)
                await eventually(lambda: len(stage.fetcher.requests) == concurrent)
                yield stage
                await stage.app.worker.stop()


async def _at_once(stage: Stage, concurrent: int) -> None:
    await stage.app.config.set({"downloads.concurrent": str(concurrent)})


async def _go_on(stage: Stage) -> None:
    """Let running transfers finish; new ones wait again."""
    former, stage.fetcher.gate = stage.fetcher.gate, anyio.Event()
    assert former is not None
    former.set()


async def test_a_higher_limit_starts_items_at_once(tmp_path: Path) -> None:
    """More items start while the first one is active."""
    async with _running(tmp_path, 1, 4) as stage:
        await anyio.wait_all_tasks_blocked()
        assert len(stage.fetcher.requests) == 1
        await _at_once(stage, 3)
        await eventually(lambda: len(stage.fetcher.requests) == 3)
        assert len((await stage.app.queue.snapshot()).active) == 3


async def test_a_lower_limit_cancels_no_transfer(tmp_path: Path) -> None:
    """Active items are finished; then no more start than the limit allows."""
    async with _running(tmp_path, 3, 6) as stage:
        await _at_once(stage, 1)
        await anyio.wait_all_tasks_blocked()
        assert len((await stage.app.queue.snapshot()).active) == 3
        await _go_on(stage)
        await eventually(lambda: len(stage.fetcher.requests) == 4)
        await anyio.wait_all_tasks_blocked()
        snapshot = await stage.app.queue.snapshot()
        assert (len(snapshot.completed), len(snapshot.active)) == (3, 1)
        assert len(stage.fetcher.requests) == 4


async def test_a_limit_may_be_lowered_and_raised_again(tmp_path: Path) -> None:
    """Surplus lanes that have not ended are used again."""
    async with _running(tmp_path, 3, 7) as stage:
        await _at_once(stage, 1)
        await _at_once(stage, 3)
        await anyio.wait_all_tasks_blocked()
        assert len(stage.fetcher.requests) == 3
        await _go_on(stage)
        await eventually(lambda: len(stage.fetcher.requests) == 6)
        await anyio.wait_all_tasks_blocked()
        assert len((await stage.app.queue.snapshot()).active) == 3


async def test_other_settings_start_no_lane(tmp_path: Path) -> None:
    """A change elsewhere in the configuration leaves the lanes as they are."""
    async with _running(tmp_path, 2, 4) as stage:
        await stage.app.config.set({"downloads.retries": "7"})
        await anyio.wait_all_tasks_blocked()
        assert len(stage.fetcher.requests) == 2


async def test_a_stop_before_the_lanes_start_ends_the_run(tmp_path: Path) -> None:
    """A stop during the first sweep is not lost."""
    async with open_stage(tmp_path) as stage, anyio.create_task_group() as tasks:
        tasks.start_soon(stage.app.worker.run)
        with anyio.fail_after(PATIENCE):
            await eventually(lambda: stage.app.worker.is_running)
            await stage.app.worker.stop()
        assert not stage.app.worker.is_running


async def test_a_stop_does_not_affect_later_runs() -> None:
    """The gate ends one run and not the next one."""
    gate = WorkerGate()
    with gate.running():
        gate.stop()
    with gate.running(), anyio.CancelScope() as scope:
        gate.watch(scope)
        assert not scope.cancel_called
