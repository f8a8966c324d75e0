"""Files that somebody deleted on the disk: a scan offers that their episodes are not wanted."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.application.library import AttentionKind
from aniworld_core.domain.identity import EpisodeRef, EpisodeSelection, FolderName, SeriesKey
from aniworld_core.testing.factories import make_episode, make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)
KEY = SeriesKey("show")


def _file(stage: Stage, number: int) -> Path:
    return stage.library / "Show" / "Season 01" / f"Show - S01E{number:02d}.mkv"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A scanned library with eight episodes of one series."""
    async with open_stage(tmp_path) as opened:
        await opened.storage.series.add(
            make_series(
                KEY,
                name="Show",
                folder=FolderName("Show"),
                episodes=[make_episode(n) for n in range(1, 9)],
            )
        )
        for number in range(1, 9):
            path = _file(opened, number)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(MP4 + bytes([number]))
        await opened.app.scanner.scan(refresh=False)
        yield opened


async def _deleted(stage: Stage) -> list[str]:
    """Scan, and return the codes of the offered episodes; report and overview agree."""
    report = await stage.app.scanner.scan(refresh=False)
    overview = await stage.app.attention.overview(limit=50)
    assert tuple(overview.deleted) == report.deleted
    assert overview.counts[AttentionKind.DELETED] == len(report.deleted)
    return [file.episode.code for file in report.deleted]


async def test_a_deleted_file_is_offered_until_a_person_decides(stage: Stage) -> None:
    """Its episode is missing; once it is not wanted, it is neither missing nor offered."""
    _file(stage, 3).unlink()
    assert await _deleted(stage) == ["S01E03"]
    assert await _deleted(stage) == ["S01E03"]
    assert await stage.storage.series.missing_count() == 1
    assert (await stage.app.attention.overview()).decisions == 1

    await stage.app.library_actions.set_wanted(KEY, [EpisodeSelection(1, 3, 3)], wanted=False)

    assert await stage.app.attention.deleted() == []
    assert await stage.storage.series.missing_count() == 0
    assert await _deleted(stage) == []
    # The decision is remembered: wanting it again is a new decision, not the old deletion.
    await stage.app.library_actions.set_wanted(KEY, [EpisodeSelection(1, 3, 3)], wanted=True)
    assert await _deleted(stage) == []


async def test_an_episode_may_stay_missing(stage: Stage) -> None:
    """The other decision; the next deletion of its file is offered again."""
    _file(stage, 3).unlink()
    await _deleted(stage)
    await stage.app.attention.leave_missing([EpisodeRef(KEY, 1, 3)])
    assert await _deleted(stage) == []
    assert await stage.storage.series.missing_count() == 1

    _file(stage, 3).write_bytes(MP4)
    assert await _deleted(stage) == []
    _file(stage, 3).unlink()
    assert await _deleted(stage) == ["S01E03"]


async def test_a_file_that_returns_decides_itself(stage: Stage) -> None:
    """Its episode is not missing any more."""
    _file(stage, 3).unlink()
    await _deleted(stage)
    _file(stage, 3).write_bytes(MP4)
    assert await _deleted(stage) == []


async def test_a_guarded_loss_is_no_deletion(stage: Stage) -> None:
    """A lost disk is not offered as not wanted, before a person confirms that files are gone."""
    for number in range(1, 6):
        _file(stage, number).unlink()
    assert await _deleted(stage) == []
    assert await stage.storage.series.missing_count() == 0

    report = await stage.app.scanner.scan(refresh=False, accept_loss=True)
    assert len(report.deleted) == 5
    assert await stage.storage.series.missing_count() == 5


async def test_what_is_not_deleted_is_not_offered(stage: Stage) -> None:
    """A renamed file, a damaged one, another version, and one that the program recycled."""
    _file(stage, 1).rename(stage.library / "Show" / "Show - 1x01 - moved.mkv")
    _file(stage, 2).write_bytes(b"")
    shutil.copy(_file(stage, 4), stage.library / "Show" / "Show - S01E04 [720p].mkv")
    assert await _deleted(stage) == []
    _file(stage, 4).unlink()
    await stage.app.library_actions.delete_file("Show/Season 01/Show - S01E05.mkv")

    assert await _deleted(stage) == []


async def test_a_double_episode_is_offered_as_both(tmp_path: Path) -> None:
    """Each episode that lost its file is offered, with the path that it had."""
    async with open_stage(tmp_path) as stage:
        await stage.storage.series.add(make_series(KEY, folder=FolderName("Show"), episodes=6))
        for name in ("S01E01-E02", "S01E03", "S01E04", "S01E05", "S01E06"):
            path = stage.library / "Show" / f"{name}.mkv"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(MP4 + name.encode())
        await stage.app.scanner.scan(refresh=False)
        (stage.library / "Show" / "S01E01-E02.mkv").unlink()

        report = await stage.app.scanner.scan(refresh=False)

        assert [(f.episode.number, f.path) for f in report.deleted] == [
            (1, "Show/S01E01-E02.mkv"),
            (2, "Show/S01E01-E02.mkv"),
        ]
