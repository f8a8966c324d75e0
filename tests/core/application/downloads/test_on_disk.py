"""A download looks at the disk before it fetches."""

import os
from pathlib import Path

import pytest

from aniworld_core.application.downloads import EpisodeRequest
from aniworld_core.domain.identity import EpisodeSelection, FolderName, SeriesKey
from aniworld_core.errors import BadMediaError
from aniworld_core.testing.factories import make_episode, make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("attack-on-titan")
FINAL = "Titan/Season 01/Titan - S01E01 - Episode 1 (German Dub).mp4"
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)


async def _queued(stage: Stage, *, again: bool = False) -> None:
    """Queue the first of two episodes, none of which a scan has seen."""
    series = make_series(
        KEY,
        name="Titan",
        folder=FolderName("Titan"),
        provider="fake",
        episodes=[make_episode(1), make_episode(2)],
    )
    await stage.storage.series.add(series)
    stage.loader.series.append(series)
    request = EpisodeRequest(selections=(EpisodeSelection(1, 1, 1),), again=again)
    await stage.app.queue.submit(KEY, request)


def _put(stage: Stage, file: str, content: bytes = MP4) -> Path:
    path = stage.library / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (0, 0))
    return path


def _bin(stage: Stage) -> list[bytes]:
    return [p.read_bytes() for p in (stage.library / ".recycle").rglob("*") if p.is_file()]


@pytest.mark.parametrize(
    "file",
    [
        "Titan/1.mkv",
        "Titan/Staffel 1/Titan - 01 [1080p].mkv",
        "Titan/Season 01/Titan S01E01E02.mkv",
        "titan (2013)/S01E01.mkv",
        "Serien/Titan/S01E01.mkv",
        "Titan - S01E01.mkv",
    ],
)
async def test_an_episode_under_another_name_is_not_fetched(tmp_path: Path, file: str) -> None:
    """The item is completed with the file and says so; the episode is not missing any more."""
    async with open_stage(tmp_path) as stage:
        if file.startswith("Serien"):
            (stage.library / "Serien").mkdir()
        await _queued(stage)
        if file.startswith("Serien"):
            series = await stage.storage.series.get(KEY)
            moved = make_series(
                KEY,
                name="Titan",
                folder=FolderName("Serien/Titan"),
                provider="fake",
                episodes=series.episodes,
            )
            await stage.storage.series.save(moved)
        _put(stage, file)

        report = await stage.app.worker.drain()

        assert stage.fetcher.requests == []
        assert [item.file for item in report.completed] == [file]
        assert report.completed[0].notices == (f"{file} was already in the library",)
        episode = (await stage.storage.series.get(KEY)).episode(1, 1)
        assert (episode.downloaded, episode.file) == (True, file)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("Titan/2.mkv", MP4),
        ("Titan/1.mkv", b""),
        ("Titan/1.mkv", b"<html>"),
        ("Titan/Sample/S01E01.mkv", MP4),
        ("Attack/S01E01.mkv", MP4),
    ],
)
async def test_what_is_not_the_episode_does_not_stop_the_download(
    tmp_path: Path, file: str, content: bytes
) -> None:
    """Another episode, a damaged file, bonus material and another series; all of them stay."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        path = _put(stage, file, content)

        report = await stage.app.worker.drain()

        assert [item.file for item in report.completed] == [FINAL]
        assert path.read_bytes() == content


async def test_a_download_again_does_not_take_the_file_that_is_there(tmp_path: Path) -> None:
    """A person asked for a new file, also if no scan has seen the old one."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage, again=True)
        _put(stage, "Titan/1.mkv")

        report = await stage.app.worker.drain()

        assert [item.file for item in report.completed] == [FINAL]
        assert len(stage.fetcher.requests) == 1


@pytest.mark.parametrize("content", [b"", MP4])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
async def test_a_damaged_file_with_the_final_name_is_recycled(
    tmp_path: Path, content: bytes, suffix: str
) -> None:
    """The download goes on, and the history can give the damaged file back."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        old = _put(stage, FINAL.replace(".mp4", suffix), content)
        stage.inspector.errors[old.name] = BadMediaError("cut off")

        report = await stage.app.worker.drain()

        assert [item.file for item in report.completed] == [FINAL]
        assert (stage.library / FINAL).read_bytes() == stage.fetcher.content
        assert _bin(stage) == [content]
        entries = (await stage.app.changes.history()).items
        assert [entry.title for entry in entries] == ["Titan S01E01"]


async def test_a_whole_file_with_the_final_name_is_kept(tmp_path: Path) -> None:
    """An earlier run published it and was killed; nothing is fetched or recycled."""
    async with open_stage(tmp_path) as stage:
        await _queued(stage)
        _put(stage, FINAL)

        report = await stage.app.worker.drain()

        assert [item.file for item in report.completed] == [FINAL]
        assert stage.fetcher.requests == []
        assert _bin(stage) == []
