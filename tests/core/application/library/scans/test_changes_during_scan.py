"""Files that change while a scan waits for catalogues, after it has read the folders."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import attrs
import pytest

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import FileState
from aniworld_core.testing import make_episode, make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEYS = (SeriesKey("alpha"), SeriesKey("beta"))
VIDEO = b"\x1a\x45\xdf\xa3" + bytes(2000)
Change: TypeAlias = Callable[[Stage, SeriesKey], Awaitable[None]]


async def _rename(stage: Stage, key: SeriesKey) -> None:
    await stage.app.changes.rename([key])


async def _delete(stage: Stage, key: SeriesKey) -> None:
    await stage.app.library_actions.delete_file(f"{key}/S01E01.mkv")


async def _download(stage: Stage, key: SeriesKey) -> None:
    """Publish a file as a finished download does."""
    path = f"{key}/S01E02.mkv"
    (stage.library / path).write_bytes(VIDEO)
    series = await stage.storage.series.get(key)
    held = attrs.evolve(series.episode(1, 2), downloaded=True, file=path)
    await stage.storage.series.save(series.with_episode(held))


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as stage:
        for key in KEYS:
            (stage.library / key).mkdir(parents=True)
            (stage.library / key / "S01E01.mkv").write_bytes(VIDEO)
            series = make_series(
                key,
                name=key.title(),
                folder=FolderName(key),
                provider="fake",
                episodes=[make_episode(n) for n in (1, 2)],
            )
            await stage.storage.series.add(series)
            stage.loader.series.append(series)
        yield stage


def _videos(stage: Stage, *folders: str) -> set[str]:
    found = (path for folder in folders for path in (stage.library / folder).rglob("*.m*"))
    return {path.relative_to(stage.library).as_posix() for path in found}


@pytest.mark.parametrize("change", [_rename, _delete, _download])
@pytest.mark.parametrize("changed", KEYS)
async def test_a_scan_keeps_what_changes_meanwhile(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, change: Change, changed: SeriesKey
) -> None:
    """Episodes and records are those of the disk after the scan, whichever series changed.

    A file is neither stored under its old name nor called missing.
    """
    get_series = stage.loader.get_series
    is_due = True

    async def changing(key: SeriesKey, ref: str = "") -> Series:
        nonlocal is_due
        if is_due:
            is_due = False
            await change(stage, changed)
        return await get_series(key, ref)

    await stage.app.scanner.scan(refresh=False)
    for key in KEYS:  # the next scan has to read every folder
        (stage.library / key / "notes.txt").write_bytes(b"")
    monkeypatch.setattr(stage.loader, "get_series", changing)
    await stage.app.scanner.scan(refresh=True)
    assert not is_due

    for key in KEYS:
        series = await stage.storage.series.get(key)
        disk = {
            p.relative_to(stage.library).as_posix() for p in (stage.library / key).rglob("*.m*")
        }
        assert {e.file for e in series.episodes if e.downloaded} == disk
    states = {FileState.PRESENT}
    records = {file.path for file in (await stage.storage.files.find(states)).items}
    assert records == {
        p.relative_to(stage.library).as_posix()
        for p in stage.library.rglob("*.m*")
        if ".recycle" not in p.parts
    }
