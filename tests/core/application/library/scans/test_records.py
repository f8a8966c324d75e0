"""What a scan keeps in the records of files, and which records it removes."""

import shutil
from pathlib import Path
from typing import Any

import attrs
import pytest

from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.testing.factories import make_series
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

ALPHA = SeriesKey("alpha")
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


async def _writes(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Scan, and return the paths of the records that were written or removed."""
    files = stage.storage.files
    written: list[str] = []
    save, forget = type(files).save, type(files).forget

    async def noted_save(self: object, records: Any) -> None:
        records = list(records)
        written.extend(record.path for record in records)
        await save(self, records)  # type: ignore[arg-type]

    async def noted_forget(self: object, paths: Any) -> None:
        paths = list(paths)
        written.extend(f"-{path}" for path in paths)
        await forget(self, paths)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(type(files), "save", noted_save)
        patched.setattr(type(files), "forget", noted_forget)
        await _scan(stage)
    return sorted(written)


async def test_only_records_that_differ_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strays and entries of the root as well: a scan without changes writes nothing."""
    async with open_stage(tmp_path) as stage:
        await _with_alpha(stage)
        _put(stage, STRAY)
        (stage.library / "notes.txt").write_text("x")
        (stage.library / "@eaDir").mkdir()
        first = await _writes(stage, monkeypatch)
        assert STRAY in first
        ignored = [path for path in first if path != STRAY]
        assert ignored
        assert await _writes(stage, monkeypatch) == []
        _put(stage, "Unknown/S01E02.mkv")
        assert await _writes(stage, monkeypatch) == ["Unknown/S01E02.mkv"]
        (stage.library / "Unknown/S01E02.mkv").unlink()
        assert await _writes(stage, monkeypatch) == ["-Unknown/S01E02.mkv"]
        for entry in stage.library.iterdir():
            if entry.name in ignored:
                entry.unlink() if entry.is_file() else entry.rmdir()
        assert await _writes(stage, monkeypatch) == [f"-{path}" for path in ignored]


async def test_a_root_that_cannot_be_read_keeps_its_files(tmp_path: Path) -> None:
    """Files of the same series in other roots are matched, those in the closed root stay."""
    async with open_stage(tmp_path) as stage:
        second = tmp_path / "second"
        (second / "Alpha").mkdir(parents=True)
        (second / "Alpha" / "S01E02.mkv").write_bytes(MP4)
        await stage.app.config.replace({"library": {"folders": [str(second)]}})
        await _with_alpha(stage)
        far = f"{second}/Alpha/S01E02.mkv"
        held = [each.file for each in (await stage.storage.series.get(ALPHA)).episodes]
        assert held == [FILE, far]

        second.rename(tmp_path / "away")
        _put(stage, "Alpha/S01E03.mkv")
        await stage.app.scanner.scan(refresh=False, full=True)

        held = [each.file for each in (await stage.storage.series.get(ALPHA)).episodes]
        assert held == [FILE, far]
        assert set(await stage.storage.files.get([FILE, far])) == {FILE, far}


async def test_a_file_moved_from_the_root_leaves_its_series_to_be_matched(tmp_path: Path) -> None:
    """A file directly in the root is one of the series, and missed when it is gone."""
    async with open_stage(tmp_path) as stage:
        await stage.storage.series.add(
            make_series("alpha", name="Alpha", folder=FolderName("Alpha"), episodes=2)
        )
        for name in ("Alpha S01E01.mkv", "Alpha S01E02.mkv"):
            (stage.library / name).write_bytes(MP4)
        await _scan(stage)
        assert [e.downloaded for e in (await stage.storage.series.get(ALPHA)).episodes] == [
            True,
            True,
        ]
        (stage.library / "Alpha S01E02.mkv").unlink()
        await stage.app.scanner.scan(refresh=False, accept_loss=True)
        assert [e.downloaded for e in (await stage.storage.series.get(ALPHA)).episodes] == [
            True,
            False,
        ]
