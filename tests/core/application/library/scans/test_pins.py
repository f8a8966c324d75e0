"""A file that a person pinned to an episode stays its file, whatever a scan reads."""

from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.catalogue import Episode
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.testing.factories import make_episode, make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("alpha")
FILE = "Alpha/S01E01.mkv"
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)


async def _pinned(stage: Stage) -> None:
    """Scan two files of the first episode, and pin the one named so to the second."""
    episodes = [make_episode(1), make_episode(2)]
    await stage.storage.series.add(
        make_series(KEY, name="Alpha", folder=FolderName("Alpha"), episodes=episodes)
    )
    for file in (FILE, "Alpha/S01E02 1080p.mkv"):
        path = stage.library / file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(MP4)
    await stage.app.scanner.scan(refresh=False)
    record = (await stage.storage.files.get([FILE]))[FILE]
    await stage.storage.files.save([attrs.evolve(record, pinned=True, numbers=(2,))])


async def _with(stage: Stage, episodes: tuple[Episode, ...]) -> None:
    series = await stage.storage.series.get(KEY)
    await stage.storage.series.save(attrs.evolve(series, episodes=episodes))


async def _file(stage: Stage, number: int) -> str | None:
    return (await stage.storage.series.get(KEY)).episode(1, number).file


async def test_a_pin_survives_every_kind_of_scan(tmp_path: Path) -> None:
    """Name, better versions, full scans and new content do not override it."""
    async with open_stage(tmp_path) as stage:
        await _pinned(stage)
        for content in (MP4, MP4 + b"x"):
            (stage.library / FILE).write_bytes(content)
            await stage.app.scanner.scan(refresh=False, full=True, accept_loss=True)

            assert (await _file(stage, 1), await _file(stage, 2)) == (None, FILE)
            assert (await stage.storage.files.get([FILE]))[FILE].pinned


async def test_a_pin_outlives_a_catalogue_without_the_episode(tmp_path: Path) -> None:
    """When the catalogue lists the episode again, the file is its file again."""
    async with open_stage(tmp_path) as stage:
        await _pinned(stage)
        await _with(stage, (make_episode(1),))
        await stage.app.scanner.scan(refresh=False, full=True, accept_loss=True)
        assert await _file(stage, 1) is None

        await _with(stage, (make_episode(1), make_episode(2)))
        await stage.app.scanner.scan(refresh=False, full=True, accept_loss=True)

        assert await _file(stage, 2) == FILE
