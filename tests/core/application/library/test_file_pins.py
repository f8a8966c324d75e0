"""Pins: a person says which episode a file is."""

from pathlib import Path

import pytest

from aniworld_core.domain.identity import EpisodeSelection, FolderName, SeriesKey
from aniworld_core.domain.library import FileState
from aniworld_core.errors import EpisodeNotFoundError, UnsafePathError
from aniworld_core.messages import kind_of
from aniworld_core.testing.factories import make_episode, make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("alpha")
FIRST, SECOND = "Alpha/Alpha S01E01.mkv", "Alpha/Alpha S01E02.mkv"
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)


async def _scanned(stage: Stage, *files: str) -> None:
    episodes = [make_episode(number) for number in (1, 2, 3)]
    await stage.storage.series.add(
        make_series(KEY, name="Alpha", folder=FolderName("Alpha"), episodes=episodes)
    )
    for file in files:
        path = stage.library / file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(MP4)
    await stage.app.scanner.scan(refresh=False)


async def _files(stage: Stage) -> list[str | None]:
    return [each.file for each in (await stage.storage.series.get(KEY)).episodes]


def _selected(text: str) -> EpisodeSelection:
    first, _, last = text.partition("-")
    return EpisodeSelection(season=1, first=int(first), last=int(last or first))


async def test_a_pin_moves_only_its_file(tmp_path: Path) -> None:
    """The episode of the pin gets the file, its former one loses it, others keep theirs."""
    async with open_stage(tmp_path) as stage:
        await _scanned(stage, FIRST, SECOND)

        record = await stage.app.pins.pin(FIRST, _selected("3"))

        assert (record.path, record.pinned, record.state) == (FIRST, True, FileState.PRESENT)
        assert (record.series_key, record.season, record.numbers) == (KEY, 1, (3,))
        assert record.size == len(MP4)
        assert record.modified_ns == (stage.library / FIRST).stat().st_mtime_ns
        assert await _files(stage) == [None, SECOND, FIRST]


async def test_the_absolute_path_and_a_range_can_be_pinned(tmp_path: Path) -> None:
    """A file of several episodes is the file of each of them."""
    async with open_stage(tmp_path) as stage:
        await _scanned(stage, FIRST)

        record = await stage.app.pins.pin(str(stage.library / FIRST), _selected("2-3"), key=KEY)

        assert (record.path, record.numbers) == (FIRST, (2, 3))
        assert await _files(stage) == [None, FIRST, FIRST]


async def test_the_newest_pin_of_an_episode_counts(tmp_path: Path) -> None:
    """A pin to the same episode ends the older one; a pin to another episode stays."""
    async with open_stage(tmp_path) as stage:
        await _scanned(stage, FIRST, SECOND)
        await stage.app.pins.pin(FIRST, _selected("3"))
        await stage.app.pins.pin(SECOND, _selected("1"))
        held = await stage.storage.files.get([FIRST, SECOND])
        assert {path: file.pinned for path, file in held.items()} == {FIRST: True, SECOND: True}

        await stage.app.pins.pin(SECOND, _selected("2-3"))

        held = await stage.storage.files.get([FIRST, SECOND])
        assert {path: file.pinned for path, file in held.items()} == {FIRST: False, SECOND: True}
        assert await _files(stage) == [FIRST, SECOND, SECOND]


async def test_without_the_pin_the_name_decides(tmp_path: Path) -> None:
    """The file goes back to the episode in its name, and is no longer pinned."""
    async with open_stage(tmp_path) as stage:
        await _scanned(stage, FIRST, SECOND)
        await stage.app.pins.pin(FIRST, _selected("3"))

        record = await stage.app.pins.unpin(FIRST)

        assert (record.pinned, record.numbers) == (False, (1,))
        assert await _files(stage) == [FIRST, SECOND, None]


async def test_a_file_without_pin_cannot_be_unpinned(tmp_path: Path) -> None:
    """Neither a known file without pin nor an unknown one; nothing changes."""
    async with open_stage(tmp_path) as stage:
        await _scanned(stage, FIRST)
        for path in (FIRST, "Alpha/unknown.mkv"):
            with pytest.raises(UnsafePathError) as caught:
                await stage.app.pins.unpin(path)
            assert kind_of(caught.value.reason) == "pin_missing"
        assert await _files(stage) == [FIRST, None, None]


async def test_what_cannot_be_pinned_is_refused(tmp_path: Path) -> None:
    """A file of no series, a missing one, a damaged one and an unknown episode; each by kind."""
    async with open_stage(tmp_path) as stage:
        await _scanned(stage, FIRST)
        (stage.library / SECOND).write_bytes(b"")
        refused = {}
        for path, key in (("x.mkv", None), ("Alpha/gone.mkv", KEY), (SECOND, KEY)):
            with pytest.raises(UnsafePathError) as caught:
                await stage.app.pins.pin(path, _selected("2"), key=key)
            refused[path] = kind_of(caught.value.reason)
        with pytest.raises(EpisodeNotFoundError):
            await stage.app.pins.pin(FIRST, _selected("9"))

        assert refused == {
            "x.mkv": "pin_unassigned",
            "Alpha/gone.mkv": "pin_elsewhere",
            SECOND: "file_empty",
        }
        assert await _files(stage) == [FIRST, None, None]


async def test_damaged_files_of_the_series_stay_damaged(tmp_path: Path) -> None:
    """A pin matches the series again; what was found damaged is not counted by that."""
    async with open_stage(tmp_path) as stage:
        await _scanned(stage, FIRST)
        (stage.library / SECOND).write_bytes(b"")
        await stage.app.scanner.scan(refresh=False)

        await stage.app.pins.pin(FIRST, _selected("3"))

        held = (await stage.storage.files.get([SECOND]))[SECOND]
        assert held.state is FileState.DAMAGED
        assert await _files(stage) == [None, None, FIRST]
