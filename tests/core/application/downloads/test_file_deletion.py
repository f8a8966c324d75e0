"""Delete one file of the library by hand."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.errors import AniworldError, ChangeRefusedError, UnsafePathError
from aniworld_core.testing import make_episode, make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("titan")
VIDEO = b"\x1a\x45\xdf\xa3" + bytes(2000)
NAMES = ("T S01E01-E02.mkv", "T S01E01-E02.de.srt", "T S01E01-E02.nfo", "T S01E03.mkv")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as stage:
        folder = stage.library / "Titan" / "Season 01"
        folder.mkdir(parents=True)
        for name in NAMES:
            (folder / name).write_bytes(VIDEO)
        episodes = [make_episode(n) for n in (1, 2, 3)]
        await stage.storage.series.add(
            make_series(KEY, name="Titan", folder=FolderName("Titan"), episodes=episodes)
        )
        await stage.app.scanner.scan(refresh=False)
        yield stage


def _left(stage: Stage) -> set[str]:
    return {path.name for path in (stage.library / "Titan").rglob("*.*")}


async def _missing(stage: Stage) -> list[int]:
    return [e.number for e in (await stage.storage.series.get(KEY)).episodes if e.missing]


@pytest.mark.parametrize("unwanted", [False, True])
@pytest.mark.parametrize("is_absolute", [False, True])
async def test_a_file_goes_to_the_bin_with_what_belongs_to_it(
    stage: Stage, unwanted: bool, is_absolute: bool
) -> None:
    """All its episodes lose it; they are missing unless they are marked as not wanted.

    Undo brings back the files and the state of the episodes.
    """
    file = f"Titan/Season 01/{NAMES[0]}"
    path = str(stage.library / file) if is_absolute else file

    change = await stage.app.library_actions.delete_file(path, unwanted=unwanted)

    assert _left(stage) == {NAMES[3]}
    assert [e.episode.number for e in change.episodes] == [1, 2]
    assert await _missing(stage) == ([] if unwanted else [1, 2])
    await stage.app.scanner.scan(refresh=False)
    assert await _missing(stage) == ([] if unwanted else [1, 2])

    await stage.app.changes.undo(change.id)
    assert _left(stage) == set(NAMES)
    series = await stage.storage.series.get(KEY)
    assert [e.file for e in series.episodes[:2]] == [file, file]


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("Titan/Season 01/T S01E01-E02.nfo", UnsafePathError),
        ("Titan", UnsafePathError),
        ("../outside.mkv", UnsafePathError),
        ("Titan/Season 01/T S01E03.mkv", ChangeRefusedError),
    ],
)
async def test_nothing_but_a_known_file_is_deleted(
    stage: Stage, path: str, error: type[AniworldError]
) -> None:
    """No folder, no other file, no link in its place; the episode stays wanted."""
    video = stage.library / "Titan" / "Season 01" / NAMES[3]
    video.unlink()
    video.symlink_to(NAMES[0])

    with pytest.raises(error):
        await stage.app.library_actions.delete_file(path, unwanted=True)

    assert _left(stage) == set(NAMES)
    assert all(e.wanted for e in (await stage.storage.series.get(KEY)).episodes)
