"""Files that were renamed or moved are recognised by their content."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import FileState
from aniworld_core.domain.media import GER_DUB
from aniworld_core.testing.factories import make_episode, make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

ALPHA, BETA = SeriesKey("alpha"), SeriesKey("beta")
_ONE, _TWO = "Alpha/Season 01/S01E01.mp4", "Alpha/Season 01/S01E02.mp4"


def _media(name: str) -> bytes:
    """Return media of equal size and other content for each name."""
    return b"\x00\x00\x00\x18ftypisom" + name.encode().rjust(400, b"\x00")


@asynccontextmanager
async def _library(folder: Path, *, inspected: bool = True) -> AsyncIterator[Stage]:
    """Open a library with two files of the first series, which were scanned."""
    async with open_stage(folder) as stage:
        for key, name in ((ALPHA, "Alpha"), (BETA, "Beta")):
            episodes = [make_episode(1), make_episode(2)]
            await stage.storage.series.add(
                make_series(key, name=name, folder=FolderName(name), episodes=episodes)
            )
        for n, file in enumerate((_ONE, _TWO)):
            path = stage.library / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_media(file))
            os.utime(path, (1000 + n, 1000 + n))
        await stage.app.scanner.scan(refresh=False)
        if inspected:
            await stage.app.contents.inspect()
        yield stage


async def _files(stage: Stage, key: SeriesKey = ALPHA) -> list[str | None]:
    return [episode.file for episode in (await stage.storage.series.get(key)).episodes]


def _move(stage: Stage, old: str, new: str) -> None:
    (stage.library / new).parent.mkdir(parents=True, exist_ok=True)
    (stage.library / old).rename(stage.library / new)


async def _scan(stage: Stage, *, full: bool = False) -> None:
    await stage.app.scanner.scan(refresh=False, full=full)


@pytest.mark.parametrize(
    "place",
    [
        "Alpha/Season 01/abc.mp4",
        "Alpha/abc.mp4",
        "Elsewhere/deep/abc.mp4",
        "abc.mp4",
        "Beta/abc.mp4",
        "Elsewhere/S01E01.mp4",
    ],
)
@pytest.mark.parametrize("touched", [False, True])
async def test_a_moved_file_is_linked_again(tmp_path: Path, place: str, touched: bool) -> None:
    """In every folder, whatever its new name and time; also at the scans after that."""
    async with _library(tmp_path) as stage:
        await stage.storage.series.mark_downloaded(
            (await stage.storage.series.get(ALPHA)).ref(make_episode(1)), _ONE, GER_DUB
        )
        _move(stage, _ONE, place)
        if touched:
            os.utime(stage.library / place, (5000, 5000))

        for full in (False, False, True):
            await _scan(stage, full=full)
            assert await _files(stage) == [place, _TWO]
            assert await _files(stage, BETA) == [None, None]
        episode = (await stage.storage.series.get(ALPHA)).episode(1, 1)
        assert episode.file_language == GER_DUB
        records = await stage.storage.files.of_series(ALPHA)
        assert {f.path: f.state for f in records} == dict.fromkeys((place, _TWO), FileState.PRESENT)


async def test_a_renamed_folder_keeps_its_episodes(tmp_path: Path) -> None:
    """All files of a folder whose new name no series has are linked again."""
    async with _library(tmp_path) as stage:
        (stage.library / "Alpha").rename(stage.library / "xyz")

        for full in (False, True):
            await _scan(stage, full=full)
            assert await _files(stage) == [f.replace("Alpha", "xyz") for f in (_ONE, _TWO)]


async def test_a_name_with_a_number_decides(tmp_path: Path) -> None:
    """A person who renames a file to another episode is right, and so is another series."""
    async with _library(tmp_path) as stage:
        (stage.library / _TWO).unlink()
        _move(stage, _ONE, _TWO)
        await _scan(stage)
        assert await _files(stage) == [None, _TWO]

        _move(stage, _TWO, "Beta/Beta S01E01.mp4")
        await _scan(stage)
        assert await _files(stage) == [None, None]
        assert await _files(stage, BETA) == ["Beta/Beta S01E01.mp4", None]


async def test_without_fingerprint_size_and_time_have_to_be_unique(tmp_path: Path) -> None:
    """Files that were not inspected are recognised if no other file can be meant."""
    async with _library(tmp_path, inspected=False) as stage:
        _move(stage, _ONE, "Alpha/abc.mp4")
        await _scan(stage)
        assert await _files(stage) == ["Alpha/abc.mp4", _TWO]

        os.utime(stage.library / "Alpha/abc.mp4", (1001, 1001))
        await _scan(stage, full=True)
        _move(stage, "Alpha/abc.mp4", "Alpha/x.mp4")
        _move(stage, _TWO, "Alpha/y.mp4")
        await stage.app.scanner.scan(refresh=False, accept_loss=True)
        assert await _files(stage) == [None, None]


async def test_a_pin_moves_with_its_file(tmp_path: Path) -> None:
    """A pinned file is pinned under its new name, even if that states another episode."""
    async with _library(tmp_path) as stage:
        record = (await stage.storage.files.get([_ONE]))[_ONE]
        pinned = attrs.evolve(record, pinned=True, numbers=(2,))
        await stage.storage.files.save([pinned])
        await _scan(stage, full=True)
        assert await _files(stage) == [None, _ONE]
        new = "Alpha/Season 01/S01E01 again.mp4"
        _move(stage, _ONE, new)

        await _scan(stage)

        assert await _files(stage) == [None, new]
        assert (await stage.storage.files.get([new]))[new].pinned


async def test_other_content_is_not_linked(tmp_path: Path) -> None:
    """A new file of the same size is not taken for the one that is gone."""
    async with _library(tmp_path) as stage:
        (stage.library / _ONE).unlink()
        (stage.library / "Alpha/abc.mp4").write_bytes(_media("other"))

        await _scan(stage)

        assert await _files(stage) == [None, _TWO]


async def test_only_files_of_the_size_of_a_lost_one_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scan reads no content of new files unless a file of their size is gone."""
    async with _library(tmp_path) as stage:
        requests: list[list[str]] = []
        original = stage.app.library.fingerprints

        async def fingerprints(files: object) -> object:
            requests.append(sorted(files))  # type: ignore[call-overload]
            return await original(files)  # type: ignore[arg-type]

        monkeypatch.setattr(type(stage.app.library), "fingerprints", _method(fingerprints))
        (stage.library / "Alpha/new.mp4").write_bytes(_media("longer") + b"x")
        await _scan(stage)
        assert requests == []

        _move(stage, _ONE, "Alpha/abc.mp4")
        await _scan(stage)
        assert requests == [["Alpha/abc.mp4"]]


def _method(function: Callable[[object], object]) -> Callable[[object, object], object]:
    return lambda _, files: function(files)
