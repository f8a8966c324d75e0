"""What a scan keeps in the records of files, and which records it removes."""

import shutil
from pathlib import Path

import attrs
import pytest

from aniworld_core.domain.identity import FolderName
from aniworld_core.testing.factories import make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

FILE = "Alpha/S01E01.mkv"
STRAY = "Unknown/S01E01.mkv"
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)


def _put(stage: Stage, file: str, content: bytes = MP4) -> None:
    path = stage.library / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


async def _scan(stage: Stage) -> None:
    await stage.app.scanner.scan(refresh=False, full=True, accept_loss=True)


async def _with_alpha(stage: Stage) -> None:
    await stage.storage.series.add(
        make_series("alpha", name="Alpha", folder=FolderName("Alpha"), episodes=2)
    )
    _put(stage, FILE)
    await _scan(stage)


@pytest.mark.parametrize(("content", "fingerprint"), [(MP4, "0af1"), (MP4 + b"x", "")])
async def test_a_fingerprint_belongs_to_the_content(
    tmp_path: Path, content: bytes, fingerprint: str
) -> None:
    """A renamed episode keeps the fingerprint of its file; a changed file loses it."""
    async with open_stage(tmp_path) as stage:
        await _with_alpha(stage)
        record = (await stage.storage.files.get([FILE]))[FILE]
        await stage.storage.files.save([attrs.evolve(record, fingerprint="0af1", numbers=(2,))])
        if content != MP4:
            _put(stage, FILE, content)

        await _scan(stage)

        record = (await stage.storage.files.get([FILE]))[FILE]
        assert (record.numbers, record.fingerprint) == ((1,), fingerprint)


async def test_records_of_a_removed_folder_without_series_are_removed(tmp_path: Path) -> None:
    """Files that belonged to no series are not listed after their folder is gone."""
    async with open_stage(tmp_path) as stage:
        await _with_alpha(stage)
        _put(stage, STRAY)
        await _scan(stage)
        assert set(await stage.storage.files.get([FILE, STRAY])) == {FILE, STRAY}

        shutil.rmtree((stage.library / STRAY).parent)
        await _scan(stage)

        assert set(await stage.storage.files.get([FILE, STRAY])) == {FILE}
