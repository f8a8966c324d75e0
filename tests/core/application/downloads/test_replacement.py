"""Download existing episodes again."""

import os
from datetime import timedelta
from pathlib import Path, PurePosixPath

import pytest

from aniworld_core.adapters.library import LocalFileOperations
from aniworld_core.application.downloads import STAGING, EpisodeRequest, Replacement
from aniworld_core.domain.downloads import DownloadItem
from aniworld_core.domain.identity import EpisodeSelection, FolderName, SeriesKey
from aniworld_core.domain.library import FileStamp, Step, StepKind
from aniworld_core.errors import LibraryUnavailableError, SourceGoneError
from aniworld_core.testing.factories import make_episode, make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("attack-on-titan")
FINAL = "Titan/Season 01/Titan - S01E01 - Episode 1 (German Dub).mp4"


async def _again(stage: Stage, file: str, *, shared: bool = False) -> DownloadItem:
    """Create an old file of the first episode and queue the episode again."""
    path = stage.library / file
    path.parent.mkdir(parents=True)
    path.write_bytes(b"old")
    os.utime(path, (0, 0))
    episodes = [
        make_episode(n, downloaded=n == 1 or shared, file=file if n == 1 or shared else None)
        for n in (1, 2)
    ]
    series = make_series(
        KEY, name="Titan", folder=FolderName("Titan"), provider="fake", episodes=episodes
    )
    await stage.storage.series.add(series)
    stage.loader.series.append(series)
    request = EpisodeRequest(selections=(EpisodeSelection(1, 1, 1),), again=True)
    (item,) = (await stage.app.queue.submit(KEY, request)).items
    return item


def _bin(stage: Stage) -> list[bytes]:
    return [p.read_bytes() for p in (stage.library / ".recycle").rglob("*") if p.is_file()]


@pytest.mark.parametrize("old", [FINAL, "Titan/Season 01/1.mkv"])
async def test_the_old_file_is_recycled_after_the_new_one_is_checked(
    tmp_path: Path, old: str
) -> None:
    """Whatever the old file is called; the new one gets the planned name in its folder."""
    async with open_stage(tmp_path) as stage:
        await _again(stage, old)

        report = await stage.app.worker.drain()

        assert [item.file for item in report.completed] == [FINAL]
        assert (stage.library / FINAL).read_bytes() == stage.fetcher.content
        assert _bin(stage) == [b"old"]
        assert not list(stage.library.rglob(STAGING))
        assert old == FINAL or not (stage.library / old).exists()
        assert (await stage.storage.series.get(KEY)).episode(1, 1).file == FINAL


@pytest.mark.parametrize("old", [FINAL, "Titan/Season 01/1.mkv"])
async def test_an_old_file_that_is_gone_is_not_missed(tmp_path: Path, old: str) -> None:
    """Somebody deleted it while the item waited."""
    async with open_stage(tmp_path) as stage:
        await _again(stage, old)
        (stage.library / old).unlink()

        report = await stage.app.worker.drain()

        assert [item.file for item in report.completed] == [FINAL]
        assert _bin(stage) == []
        assert (await stage.storage.series.get(KEY)).episode(1, 1).file == FINAL


async def test_a_failed_attempt_keeps_the_old_file(tmp_path: Path) -> None:
    """Nothing is moved before the new file is checked."""
    async with open_stage(tmp_path) as stage:
        await _again(stage, FINAL)
        stage.fetcher.errors = [SourceGoneError("fake")] * 9  # Applies to every source.

        report = await stage.app.worker.drain()

        assert len(report.failed) == 1
        assert (stage.library / FINAL).read_bytes() == b"old"
        assert (await stage.storage.series.get(KEY)).episode(1, 1).downloaded


async def test_a_file_of_several_episodes_stays(tmp_path: Path) -> None:
    """An old file that contains another episode is not recycled."""
    async with open_stage(tmp_path) as stage:
        await _again(stage, "Titan/Season 01/S01E01-E02.mkv", shared=True)

        await stage.app.worker.drain()

        assert (stage.library / "Titan/Season 01/S01E01-E02.mkv").exists()
        assert (stage.library / FINAL).exists()


@pytest.mark.parametrize("place", [FINAL, f"Titan/Season 01/{STAGING}/{PurePosixPath(FINAL).name}"])
async def test_a_failure_between_the_moves_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Both moves are taken back; the new file waits in its staging folder, not fetched twice."""
    run = LocalFileOperations.run

    async def refuse(self: LocalFileOperations, step: Step) -> FileStamp | None:
        if step.kind is StepKind.MOVE and step.source == place:
            raise LibraryUnavailableError("/library", "it is gone")
        return await run(self, step)

    async with open_stage(tmp_path) as stage:
        await _again(stage, FINAL)
        with monkeypatch.context() as patch:
            patch.setattr(LocalFileOperations, "run", refuse)
            await stage.app.worker.drain()
        assert (stage.library / FINAL).read_bytes() == b"old"
        assert len(stage.fetcher.requests) == 1

        await stage.app.worker.drain(patience=timedelta(minutes=5))

        assert len(stage.fetcher.requests) == 1
        assert (stage.library / FINAL).read_bytes() == stage.fetcher.content
        assert _bin(stage) == [b"old"]


async def test_a_replacement_can_be_undone(tmp_path: Path) -> None:
    """The old file and its row are back, the new file is in the recycle bin."""
    async with open_stage(tmp_path) as stage:
        await _again(stage, "Titan/1.mkv")
        before = (await stage.storage.series.get(KEY)).episode(1, 1)
        await stage.app.worker.drain()
        (entry,) = (await stage.app.changes.history()).items

        await stage.app.changes.undo(entry.id)

        assert entry.origin == "replacement"
        assert (stage.library / "Titan/1.mkv").read_bytes() == b"old"
        assert not (stage.library / FINAL).exists()
        assert _bin(stage) == [stage.fetcher.content]
        assert (await stage.storage.series.get(KEY)).episode(1, 1) == before


async def test_after_the_exchange_nothing_is_replaced_again(tmp_path: Path) -> None:
    """After a kill before the settlement, the next attempt keeps the new file."""
    async with open_stage(tmp_path) as stage:
        item = await _again(stage, FINAL)
        (stage.library / FINAL).write_bytes(b"new")
        replacement: Replacement = stage.app.worker._attempts._episodes._replacement
        series = await stage.storage.series.get(KEY)

        assert (
            await replacement.old_file(item, series, PurePosixPath(FINAL).with_suffix("")) is None
        )
