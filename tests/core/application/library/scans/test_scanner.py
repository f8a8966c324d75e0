"""Comparing disk and catalogue."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import attrs
import pytest

from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.errors import (
    LibraryNotSetError,
    LibraryUnavailableError,
    ProviderUnavailableError,
    ScanRunningError,
)
from aniworld_core.events import ScanCompleted, ScanFailed, ScanProgressed, ScanStarted
from aniworld_core.ports.change_lock import ChangeLock
from aniworld_core.testing.factories import make_episode, make_series
from aniworld_core.testing.waiting import PATIENCE
from support.application_stage import Stage, open_stage

pytestmark = pytest.mark.anyio

KEY = SeriesKey("attack-on-titan")
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)


async def _with_series(stage: Stage) -> Series:
    series = make_series(
        KEY,
        name="Titan",
        folder=FolderName("Titan"),
        provider="fake",
        episodes=[make_episode(n) for n in (1, 2, 3)],
    )
    await stage.storage.series.add(series)
    stage.loader.series.append(series)
    return series


def _file(stage: Stage, name: str, content: bytes = MP4) -> Path:
    path = stage.library / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


async def _held(stage: Stage) -> list[int]:
    return [e.number for e in (await stage.storage.series.get(KEY)).episodes if e.downloaded]


async def test_scan_finds_what_is_there_missing_extra_and_unreadable(tmp_path: Path) -> None:
    """The report counts everything, and the episodes on disk are marked."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        _file(stage, "Titan/Season 01/Titan - S01E01.mp4")
        _file(stage, "Titan/S01E02.mkv", b"")
        _file(stage, "Titan/S09E01.mp4")
        _file(stage, "Stranger/S01E01.mp4")
        _file(stage, "Stranger/S01E02.mp4", b"<html>")

        report = await stage.app.scanner.scan()

        assert await _held(stage) == [1]
        assert (report.series, report.files, report.missing) == (1, 5, 2)
        assert report.extra == ("Stranger/S01E01.mp4", "Titan/S09E01.mp4")
        assert list(report.unreadable) == ["Stranger/S01E02.mp4", "Titan/S01E02.mkv"]
        assert len(stage.bus.of(ScanStarted)) == 1
        assert len(stage.bus.of(ScanProgressed)) == 1
        assert len(stage.bus.of(ScanCompleted)) == 1


async def test_second_scan_says_the_same(tmp_path: Path) -> None:
    """Folders in order are passed over, and what is wrong is reported again."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        _file(stage, "Titan/S01E01.mp4")
        _file(stage, "Odd/S01E01.mp4")
        first = await stage.app.scanner.scan()
        stored = await stage.storage.series.get(KEY)
        assert all(folder.stamp for folder in await stage.storage.files.folders())

        second = await stage.app.scanner.scan()

        assert second == attrs.evolve(
            first, scan_id=second.scan_id, duration_seconds=second.duration_seconds
        )
        assert await stage.storage.series.get(KEY) == stored


async def test_vanished_file_makes_its_episode_missing(tmp_path: Path) -> None:
    """A deleted file gives its episode back; the others stay."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        gone = _file(stage, "Titan/S01E01.mp4")
        _file(stage, "Titan/S01E02.mp4")
        await stage.app.scanner.scan()
        gone.unlink()

        report = await stage.app.scanner.scan()

        assert await _held(stage) == [2]
        assert report.missing == 2


async def test_empty_or_missing_library_changes_nothing(tmp_path: Path) -> None:
    """A library that looks unmounted does not make every episode missing."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        file = _file(stage, "Titan/S01E01.mp4")
        await stage.app.scanner.scan()
        file.unlink()

        with pytest.raises(LibraryUnavailableError):
            await stage.app.scanner.scan()
        file.parent.rmdir()
        with pytest.raises(LibraryUnavailableError):
            await stage.app.scanner.scan()
        stage.library.rmdir()
        with pytest.raises(LibraryUnavailableError):
            await stage.app.scanner.scan()

        assert await _held(stage) == [1]
        assert len(stage.bus.of(ScanFailed)) == 3


async def test_a_library_emptied_on_purpose_can_be_scanned(tmp_path: Path) -> None:
    """The error says how; a folder that is missing is refused all the same."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        file = _file(stage, "Titan/S01E01.mp4")
        await stage.app.scanner.scan()
        file.unlink()
        with pytest.raises(LibraryUnavailableError) as refused:
            await stage.app.scanner.scan()
        assert "--accept-loss" in str(refused.value.hint)

        report = await stage.app.scanner.scan(accept_loss=True)

        assert report.files == 0
        assert await _held(stage) == []
        file.parent.rmdir()
        stage.library.rmdir()
        with pytest.raises(LibraryUnavailableError):
            await stage.app.scanner.scan(accept_loss=True)


async def test_dead_catalogue_is_named_and_the_disk_is_still_looked_at(tmp_path: Path) -> None:
    """Without its catalogue a series keeps its episodes and is compared with the disk."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        _file(stage, "Titan/S01E01.mp4")
        stage.loader.error = ProviderUnavailableError("fake.invalid", "it sleeps")

        report = await stage.app.scanner.scan()

        assert list(report.failures) == [KEY]
        assert await _held(stage) == [1]


async def test_news_of_the_catalogue_are_taken_in(tmp_path: Path) -> None:
    """A new episode counts as missing; without refresh the catalogue is not asked."""
    async with open_stage(tmp_path) as stage:
        series = await _with_series(stage)
        stage.loader.series[0] = attrs.evolve(series, episodes=(*series.episodes, make_episode(4)))

        assert (await stage.app.scanner.scan(refresh=False)).missing == 3
        assert stage.loader.calls == []
        assert (await stage.app.scanner.scan()).missing == 4


async def test_folder_is_found_whatever_its_case(tmp_path: Path) -> None:
    """Names are compared as file systems without case do."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        _file(stage, "TITAN/S01E01.mp4")

        await stage.app.scanner.scan()

        assert await _held(stage) == [1]


async def test_one_scan_at_a_time(tmp_path: Path) -> None:
    """A second scan is refused while one runs; afterwards another may start."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        refused: list[str] = []

        async def second() -> None:
            with pytest.raises(ScanRunningError) as error:
                await stage.app.scanner.scan()
            refused.append(error.value.scan_id)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stage.app.scanner.scan)
            tasks.start_soon(second)

        assert len(refused) == 1
        assert stage.app.scanner.running is None
        await stage.app.scanner.scan()


async def test_without_a_library_there_is_nothing_to_scan(tmp_path: Path) -> None:
    """An unset library is a matter of set-up."""
    async with open_stage(tmp_path, has_library=False) as stage:
        with pytest.raises(LibraryNotSetError):
            await stage.app.scanner.scan()


async def test_a_catalogue_that_is_off_is_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With the number of series that were to be had from it; others have their own lines."""
    async with open_stage(tmp_path) as stage:
        for number in range(5):
            name = f"old-{number}"
            await stage.storage.series.add(
                make_series(name, folder=FolderName(name), provider="gone")
            )
        await _with_series(stage)
        stage.loader.error = ProviderUnavailableError("fake", "it is on fire")

        report = await stage.app.scanner.scan()

        assert len(report.failures) == 6
        lines = sorted(r.getMessage() for r in caplog.records if "refresh" in r.getMessage())
        assert len(lines) == 2
        assert lines[0].startswith("could not refresh 5 series of gone: ")
        assert lines[1].startswith(f"could not refresh {KEY}: ")


async def test_what_a_cancelled_scan_could_not_learn_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The lines come when it ends, however it ends."""
    async with open_stage(tmp_path) as stage, anyio.create_task_group() as tasks:
        for number in range(2):
            name = f"old-{number}"
            await stage.storage.series.add(
                make_series(name, folder=FolderName(name), provider="gone")
            )
        async with stage.bus.subscribe(ScanProgressed) as progress:
            tasks.start_soon(stage.app.scanner.scan)
            with anyio.fail_after(PATIENCE):
                await anext(progress)
                await anext(progress)
            tasks.cancel_scope.cancel()
    assert "could not refresh 2 series of gone: " in caplog.text


@attrs.define(eq=False)
class _LockOfRename(ChangeLock):
    """Lock of a rename that moves its last file just before it releases the lock."""

    moves: dict[Path, Path]
    is_held: bool = False

    @asynccontextmanager
    async def hold(self, wait: timedelta | None) -> AsyncIterator[None]:
        """Finish the rename, then grant the lock."""
        for source, target in self.moves.items():
            source.rename(target)
        self.moves = {}
        self.is_held = True
        yield
        self.is_held = False


@pytest.mark.parametrize("refresh", [True, False])
async def test_scan_does_not_see_half_of_a_rename(tmp_path: Path, *, refresh: bool) -> None:
    """The folders are read only after a running change of library files has ended."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        _file(stage, "Titan/S01E01.mp4")
        hidden = _file(stage, "Elsewhere.partly/moved")
        lock = _LockOfRename({hidden: stage.library / "Titan/S01E02.mp4"})
        stage.app.scanner._lock = lock

        await stage.app.scanner.scan(refresh=refresh)

        assert await _held(stage) == [1, 2]
        assert not lock.is_held


async def test_scan_of_the_disk_stores_its_results_before_the_next_change(tmp_path: Path) -> None:
    """No change begins between reading the folders and storing what was found."""
    async with open_stage(tmp_path) as stage:
        await _with_series(stage)
        _file(stage, "Titan/S01E01.mp4")
        lock = _LockOfRename({})
        stage.app.scanner._lock = lock
        held: list[bool] = []
        files = stage.storage.files
        save = files.save_folders

        async def noted(*given: object, **named: object) -> None:
            held.append(lock.is_held)
            await save(*given, **named)  # type: ignore[arg-type]

        object.__setattr__(files, "save_folders", noted)

        await stage.app.scanner.scan(refresh=False)

        assert held
        assert all(held)


@pytest.mark.parametrize("refresh", [False, True])
async def test_the_last_progress_names_the_last_series(tmp_path: Path, refresh: bool) -> None:
    """Also when a scan is too fast for progress in between; files alone are matched in batches."""
    async with open_stage(tmp_path) as stage:
        listed = [make_series(f"show-{n}", provider="fake") for n in range(3)]
        stage.loader.series.extend(listed)
        for series in listed:
            await stage.storage.series.add(series)
            _file(stage, f"{series.folder}/S01E01.mp4")

        await stage.app.scanner.scan(refresh=refresh)

        last = stage.bus.of(ScanProgressed)[-1]
        assert isinstance(last, ScanProgressed)
        assert (last.done, last.total) == (3, 3)
        assert (last.key, last.folder) in {(each.key, each.folder) for each in listed}
        state = stage.app.scanner.state
        assert (state.done, state.total) == (3, 3)
