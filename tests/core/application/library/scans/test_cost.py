"""What a scan costs, in calls instead of seconds."""

import os
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from aniworld_core.application.library.scans.settling import settle
from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.testing.factories import make_episode, make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)
SERIES, EPISODES = 6, 3


async def _library(stage: Stage) -> list[Path]:
    """Store series, and write their files with a bonus clip each; return the files."""
    files: list[Path] = []
    for number in range(SERIES):
        name = f"Show {number}"
        episodes = [make_episode(n) for n in range(1, EPISODES + 1)]
        await stage.storage.series.add(
            make_series(f"s{number}", name=name, folder=FolderName(name), episodes=episodes)
        )
        season = stage.library / name / "Season 01"
        season.mkdir(parents=True)
        files += [season / f"{name} - S01E{n:02}.mp4" for n in range(1, EPISODES + 1)]
        files.append(season.parent / "NCOP 1.mp4")
    for file in files:
        file.write_bytes(MP4)
    return files


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of videos that are opened, as they are opened."""
    names: list[str] = []
    plain = os.open

    def noted(path: Any, *rest: Any, **options: Any) -> int:
        if str(path).endswith(".mp4"):
            names.append(os.path.basename(path))  # noqa: PTH119 - also of text
        return plain(path, *rest, **options)

    monkeypatch.setattr(os, "open", noted)
    return names


async def test_a_file_is_opened_once_for_each_of_its_states(
    tmp_path: Path, opened: list[str]
) -> None:
    """The first scan opens every file once, the next one only those that changed."""
    async with open_stage(tmp_path) as stage:
        files = await _library(stage)
        await stage.app.scanner.scan(refresh=False)
        assert sorted(opened) == sorted(file.name for file in files)
        opened.clear()

        files[0].write_bytes(MP4 + b"more")
        await stage.app.scanner.scan(refresh=False)
        assert opened == [files[0].name]
        opened.clear()

        await stage.app.scanner.scan(refresh=False)
        assert opened == []


async def test_a_scan_without_changes_loads_no_series(
    tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scan of a library that did not change loads and stores no series and opens no file."""
    async with open_stage(tmp_path) as stage:
        await _library(stage)
        await stage.app.scanner.scan(refresh=False)
        opened.clear()
        asked: list[str] = []

        def noting(name: str, plain: Callable[..., Awaitable[object]]) -> Callable[..., object]:
            def call(*given: Any, **options: Any) -> Awaitable[object]:
                if any(given):
                    asked.append(name)
                return plain(*given, **options)

            return call

        for repository, names in (
            (stage.storage.series, ("get", "get_many", "find", "heads", "save", "save_many")),
            (stage.storage.files, ("save", "forget", "save_folders", "of_many")),
        ):
            for name in names:
                monkeypatch.setattr(repository, name, noting(name, getattr(repository, name)))

        report = await stage.app.scanner.scan(refresh=False)

        assert report.files == SERIES * EPISODES
        assert (asked, opened) == ([], [])


async def test_matching_leaves_the_event_loop_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are matched in a worker thread, so a server answers while a large library is read."""
    threads: list[int] = []

    def noted(*given: Any, **options: Any) -> Any:
        threads.append(threading.get_ident())
        return settle(*given, **options)

    monkeypatch.setattr("aniworld_core.application.library.scans.run.settle", noted)
    async with open_stage(tmp_path) as stage:
        await _library(stage)
        await stage.app.scanner.scan(refresh=False)

    assert len(threads) == SERIES
    assert threading.get_ident() not in threads


async def test_a_folder_removed_before_a_scan_saw_it_is_noticed(tmp_path: Path) -> None:
    """A download into a second folder that is removed again makes its episode missing."""
    async with open_stage(tmp_path) as stage:
        await _library(stage)
        await stage.app.scanner.scan(refresh=False)
        key = SeriesKey("s1")
        series = await stage.storage.series.get(key)
        later = make_episode(EPISODES + 1)
        await stage.storage.series.save(attrs.evolve(series, episodes=(*series.episodes, later)))
        await stage.storage.series.mark_downloaded(
            EpisodeRef(key, 1, later.number), "Elsewhere/Show 1 - S01E04.mp4", None
        )

        report = await stage.app.scanner.scan(refresh=False)

        stored = await stage.storage.series.get(key)
        assert [e.number for e in stored.episodes if e.downloaded] == [1, 2, 3]
        assert report.missing == 1
