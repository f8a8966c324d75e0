"""Scanning what the file system reports."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from aniworld_core.application.automation import LibraryWatch
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.ports.library import MediaLibrary
from aniworld_core.testing.factories import make_series
from aniworld_core.testing.waiting import PATIENCE
from support.application_stage import open_stage

pytestmark = pytest.mark.anyio

MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)


async def test_a_changed_folder_is_scanned_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the reported folder is read, without the catalogues; the switch ends the watch."""
    async with open_stage(tmp_path) as stage:
        for name in ("One", "Two"):
            series = make_series(
                name.lower(), name=name, folder=FolderName(name), provider="fake", episodes=1
            )
            stage.loader.series.append(series)
            await stage.storage.series.add(series)
            (stage.library / name).mkdir()
            (stage.library / name / "S01E01.mkv").write_bytes(MP4)
        ended = anyio.Event()

        async def changes(_: MediaLibrary) -> AsyncIterator[set[str]]:
            yield {"One"}
            await stage.app.config.replace({"library": {"watch": False}})
            yield set()
            raise AssertionError("it was switched off")

        async def sleep(_: object) -> None:
            ended.set()
            await anyio.sleep_forever()

        monkeypatch.setattr(type(stage.app.library), "changes", changes)
        monkeypatch.setattr(stage.clock, "sleep", sleep)
        watch = LibraryWatch(
            library=stage.app.library,
            scanner=stage.app.scanner,
            config=stage.app.current_config,
            clock=stage.clock,
        )
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(watch.run)
                await ended.wait()
                tasks.cancel_scope.cancel()

        held = {s.key: s.episodes[0].downloaded for s in await stage.storage.series.find()}
        assert held == {SeriesKey("one"): True, SeriesKey("two"): False}
        assert stage.loader.calls == []


async def test_a_library_that_was_away_is_scanned_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing reports what changed between two watches."""
    async with open_stage(tmp_path) as stage:
        series = make_series("one", name="One", folder=FolderName("One"), episodes=1)
        await stage.storage.series.add(series)
        (stage.library / "One").mkdir()
        watches = 0

        async def changes(_: MediaLibrary) -> AsyncIterator[set[str]]:
            nonlocal watches
            watches += 1
            if watches == 1:  # the disk is away
                (stage.library / "One" / "S01E01.mkv").write_bytes(MP4)
                return
            yield set()
            tasks.cancel_scope.cancel()

        async def sleep(_: object) -> None:
            await anyio.lowlevel.checkpoint()

        monkeypatch.setattr(type(stage.app.library), "changes", changes)
        monkeypatch.setattr(stage.clock, "sleep", sleep)
        watch = LibraryWatch(
            library=stage.app.library,
            scanner=stage.app.scanner,
            config=stage.app.current_config,
            clock=stage.clock,
        )
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(watch.run)

        (held,) = await stage.storage.series.find()
        assert held.episodes[0].downloaded


async def test_reported_folders_that_no_scan_reads_are_left_alone(tmp_path: Path) -> None:
    """The recycle bin and links that lead outside hold no episodes, even when they are reported."""
    async with open_stage(tmp_path) as stage:
        series = make_series("one", name="One", folder=FolderName("One"), episodes=1)
        await stage.storage.series.add(series)
        outside = tmp_path / "outside" / "One"
        (stage.library / "Two").mkdir()
        for folder in (stage.library / ".recycle" / "One", outside):
            folder.mkdir(parents=True)
            (folder / "One - S01E01.mkv").write_bytes(MP4)
        (stage.library / "One").symlink_to(outside)

        await stage.app.scanner.scan(refresh=False, only={".recycle", "One", "Two"})

        (held,) = await stage.storage.series.find()
        assert not held.episodes[0].downloaded
