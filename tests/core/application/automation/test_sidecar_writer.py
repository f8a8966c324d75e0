"""Sidecars after downloads."""

from pathlib import Path

import anyio
import attrs
import pytest

from aniworld_core.application.downloads import EpisodeRequest
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.testing.factories import make_series
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
        with anyio.move_on_after(5):
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
