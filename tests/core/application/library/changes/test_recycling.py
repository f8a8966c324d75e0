"""Move files and folders of the library to the recycle bin."""

from pathlib import Path

import pytest

from aniworld_core.domain.library import BIN, ChangeOrigin
from aniworld_core.errors import UnsafePathError
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio


async def _recycled(stage: Stage, path: str) -> bool:
    origin = ChangeOrigin.REMOVAL
    return await stage.app.changes.recycle(path, origin=origin, title=path) is not None


@pytest.mark.parametrize("path", [BIN, f"{BIN}/1/Alpha", f"{BIN}/1/Alpha/S01E01.mkv"])
async def test_the_bin_is_never_recycled(tmp_path: Path, path: str) -> None:
    """Neither the bin itself nor anything in it is moved into the bin again."""
    async with open_stage(tmp_path) as stage:
        file = stage.library / BIN / "1/Alpha/S01E01.mkv"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"film")

        with pytest.raises(UnsafePathError):
            await _recycled(stage, path)

        assert file.read_bytes() == b"film"


@pytest.mark.parametrize("path", ["Alpha", "Alpha/S01E01.mkv"])
async def test_files_and_folders_go_to_the_bin_and_come_back(tmp_path: Path, path: str) -> None:
    """Undo moves them back; a path without a file is no change."""
    async with open_stage(tmp_path) as stage:
        file = stage.library / "Alpha/S01E01.mkv"
        file.parent.mkdir()
        file.write_bytes(b"film")

        assert await _recycled(stage, path)
        assert not (stage.library / path).exists()
        assert not await _recycled(stage, path)
        (entry,) = (await stage.app.changes.history()).items
        await stage.app.changes.undo(entry.id)

        assert file.read_bytes() == b"film"
