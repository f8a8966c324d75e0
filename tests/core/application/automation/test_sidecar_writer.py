"""Sidecars after downloads."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest

from aniworld_core.application.downloads import EpisodeRequest
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.errors import SubscriberLaggedError
from aniworld_core.events import DownloadCompleted
from aniworld_core.testing import at, make_item
from aniworld_core.testing.factories import make_series
from aniworld_core.testing.waiting import PATIENCE
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("attack-on-titan")


async def _download(stage: Stage) -> None:
    series = make_series(KEY, provider="fake")
    await stage.storage.series.add(series)
    stage.loader.series.append(series)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(stage.app.sidecars.run)
        await anyio.wait_all_tasks_blocked()
        await stage.app.queue.submit(KEY, EpisodeRequest())
        await stage.app.worker.drain()
        with anyio.fail_after(PATIENCE):
            while not any(file.endswith("tvshow.nfo") for file in stage.files()):
                await anyio.sleep(0.01)
                if not stage.app.current_config.value.library.sidecars:
                    break
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("is_wanted", [True, False])
async def test_sidecars_follow_downloads(tmp_path: Path, is_wanted: bool) -> None:
    """With `library.sidecars` every finished download has its NFO; otherwise nothing is written."""
    async with open_stage(tmp_path) as stage:
        config = stage.app.current_config.value
        library = attrs.evolve(config.library, sidecars=is_wanted)
        stage.app.current_config.value = attrs.evolve(config, library=library)
        await _download(stage)
        written = [file for file in stage.files() if file.endswith(".nfo")]
        assert bool(written) is is_wanted


async def test_missed_downloads_do_not_end_the_sidecars(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """After missed events the next download is followed, until the bus ends."""
    event = DownloadCompleted(item=make_item(1), folder=FolderName("x"), at=at(1))
    steps: list[Any] = [SubscriberLaggedError(3), event]

    class Stream:
        async def __anext__(self) -> Any:
            if not steps:
                raise StopAsyncIteration
            step = steps.pop(0)
            if isinstance(step, Exception):
                raise step
            return step

    @asynccontextmanager
    async def subscribe(*_: object, **__: object) -> AsyncIterator[Stream]:
        yield Stream()

    written: list[Sequence[SeriesKey]] = []

    async def write(_: object, keys: Sequence[SeriesKey]) -> None:
        written.append(keys)

    async with open_stage(tmp_path) as stage:
        monkeypatch.setattr(type(stage.bus), "subscribe", subscribe)
        monkeypatch.setattr(type(stage.app.sidecars), "write", write)
        await stage.app.sidecars.run()
    assert written == [[event.item.episode.series_key]]
    assert "cannot write sidecars" in caplog.text
