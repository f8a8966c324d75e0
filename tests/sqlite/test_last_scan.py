"""The plain statements about the last scan agree with the repositories."""

import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest

from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.opening.glance import glance
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import DeletedFile, FileState, LibraryLoss
from aniworld_core.messages import Message
from aniworld_core.testing.factories import make_episode, make_series
from aniworld_core.testing.fakes import FakeCovers, FakeInspector, FakeLoader
from aniworld_sqlite import open_last_scan, open_storage

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)
NAMES = ("Alpha", "Bravo ½", "Charlie's")


def _series(number: int, name: str) -> Series:
    return make_series(
        f"s{number}",
        name=name,
        folder=FolderName(name),
        episodes=[make_episode(1), make_episode(2), make_episode(3)],
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a library with sound, damaged, unsure, extra, ignored and outside files."""
    library, outside = tmp_path / "library", tmp_path / "outside"
    for name in NAMES:
        place = library / name / "Season 01"
        place.mkdir(parents=True)
        (place / f"{name} - S01E01.mp4").write_bytes(MP4)
        (place / f"{name} - S01E02.mp4").write_bytes(b"no video")
        (place / f"{name} - S07E01.mp4").write_bytes(MP4)
        (place.parent / "NCOP 1.mp4").write_bytes(MP4)
        (place.parent / f"{name} - S01E01 - S02E05.mp4").write_bytes(MP4)
    outside.mkdir()
    (outside / "far.mp4").write_bytes(MP4)
    (library / "Alpha" / "far.mp4").symlink_to(outside / "far.mp4")
    (library / "Elsewhere").symlink_to(outside)
    (library / ".hidden").mkdir()
    (library / "Stranger").mkdir()
    (library / "Stranger" / "Stranger 01.mp4").write_bytes(MP4)
    (library / "loose.mp4").write_bytes(MP4)
    for file in library.rglob("*.mp4"):
        os.utime(file, (0, 1_700_000_000))  # a scan waits for files that may be growing
    return Settings(data_dir=tmp_path / "data", anime_directory=library)


@pytest.fixture
async def application(settings: Settings) -> AsyncIterator[Application]:
    """An application with three series, after a scan."""
    async with open_storage(settings.storage_url) as storage:
        for number, name in enumerate(NAMES):
            await storage.series.add(_series(number, name))
        async with open_application(
            settings,
            storage=storage,
            loaders=[FakeLoader()],
            resolvers=(),
            fetchers=(),
            metadata_sources=(),
            covers=FakeCovers(),
            inspector=FakeInspector(),
        ) as app:
            await app.scanner.scan(refresh=False)
            yield app


async def test_a_glance_reports_what_a_scan_reports(
    application: Application, settings: Settings
) -> None:
    """Without changes, both reports are equal but for the id and the time."""
    scanned = await application.scanner.scan(refresh=False)
    seen = await glance(settings)
    assert seen is not None
    assert attrs.evolve(seen, scan_id="", duration_seconds=0.0) == attrs.evolve(
        scanned, scan_id="", duration_seconds=0.0
    )
    assert all(seen.counts[state] for state in (FileState.DAMAGED, FileState.UNSURE))
    assert seen.extra
    assert seen.unreadable


async def test_a_glance_is_noted_for_other_processes(
    application: Application, settings: Settings
) -> None:
    """The stored note names the glance as a completed scan, with its numbers."""
    seen = await glance(settings)
    note = await application.storage.shared.scan_note()
    assert seen is not None
    assert note is not None
    assert (note.scan_id, note.status) == (seen.scan_id, "completed")
    assert (note.series, note.files, note.missing) == (seen.series, seen.files, seen.missing)
    assert note.failure is None
    assert note.started_at <= note.noted_at


async def test_what_is_stored_is_read_as_the_repositories_read_it(
    application: Application, settings: Settings
) -> None:
    """Folders, times of files, and files of series are those of the repositories."""
    files, series = application.storage.files, application.storage.series
    tops = ["", *(folder.path for folder in await files.folders())]
    keys = [SeriesKey(f"s{number}") for number in range(len(NAMES))]
    async with open_last_scan(settings.storage_url) as last:
        assert last is not None
        assert tuple(await last.folders()) == tuple(await files.folders())
        assert await last.stamps_below(tops) == await files.stamps_below(tops)
        stored = {k: sorted(paths) for k, paths in (await last.files_of(keys)).items()}
        assert stored == {k: list(paths) for k, paths in (await series.files_of(keys)).items()}
        result = await last.result()
    assert result is not None
    assert result.series == await series.folders()
    assert result.counts == await files.counts()
    assert result.missing == await series.missing_count()


def _add(library: Path) -> None:
    (library / "Alpha" / "Alpha - S01E03.mp4").write_bytes(MP4)


def _remove(library: Path) -> None:
    (library / "Alpha" / "Season 01" / "Alpha - S01E01.mp4").unlink()


def _replace(library: Path) -> None:
    with (library / "Alpha" / "Season 01" / "Alpha - S01E01.mp4").open("ab") as file:
        file.write(b"more")


def _new_folder(library: Path) -> None:
    (library / "Delta").mkdir()


def _gone_folder(library: Path) -> None:
    (library / "Stranger" / "Stranger 01.mp4").unlink()
    (library / "Stranger").rmdir()


def _new_entry(library: Path) -> None:
    (library / ".other").mkdir()


def _gone_entry(library: Path) -> None:
    (library / "Elsewhere").unlink()


def _away(library: Path) -> None:
    library.rename(library.with_name("unmounted"))


@pytest.mark.parametrize(
    "change",
    [_add, _remove, _replace, _new_folder, _gone_folder, _new_entry, _gone_entry, _away],
)
async def test_a_change_on_the_disk_is_left_to_a_scan(
    application: Application, settings: Settings, change: Callable[[Path], None]
) -> None:
    """A glance at a library with any change answers nothing, and stores nothing."""
    before = await application.storage.shared.scan_note()
    change(application.library.root)
    assert await glance(settings) is None
    assert await application.storage.shared.scan_note() == before


async def test_a_new_series_without_files_changes_nothing(
    application: Application, settings: Settings
) -> None:
    """A scan has nothing to do for a series without folder and files.

    It only reads the folders of no series again, which may be that of the new one.
    """
    _gone_folder(application.library.root)
    (application.library.root / "loose.mp4").unlink()
    await application.storage.series.add(_series(9, "Echo"))
    await application.scanner.scan(refresh=False)
    seen = await glance(settings)
    assert seen is not None
    assert seen.series == 4


async def test_a_file_in_a_folder_that_no_scan_saw_is_left_to_a_scan(
    application: Application, settings: Settings
) -> None:
    """A series whose file lies nowhere is scanned: its folder was removed in between."""
    series = _series(9, "Echo")
    lost = attrs.evolve(series.episodes[0], downloaded=True, file="Echo/gone.mp4")
    await application.storage.series.add(attrs.evolve(series, episodes=(lost,)))
    assert await glance(settings) is None


async def test_a_removed_series_is_left_to_a_scan(
    application: Application, settings: Settings
) -> None:
    """The files of a removed series belong to no series afterwards."""
    await application.storage.series.remove(SeriesKey("s0"))
    assert await glance(settings) is None


async def test_an_open_loss_is_left_to_a_scan(application: Application, settings: Settings) -> None:
    """A loss without confirmation is named by every scan."""
    loss = LibraryLoss(
        path="", reason=Message("library_lost", lost=5, known=6), lost=5, known=6, noted_at=NOW
    )
    await application.storage.files.save_losses([loss])
    assert await glance(settings) is None


async def test_an_open_deletion_is_left_to_a_scan(
    application: Application, settings: Settings
) -> None:
    """A deletion about which nobody has decided is named by every scan."""
    episode = _series(0, "Alpha").ref(make_episode(3))
    await application.storage.files.note_deleted(
        [DeletedFile(episode=episode, path="Alpha/gone.mp4", noted_at=NOW)]
    )
    assert await glance(settings) is None


async def test_a_library_that_was_never_scanned_is_left_to_a_scan(settings: Settings) -> None:
    """A glance creates no database and answers nothing about an empty one."""
    assert await glance(settings) is None
    assert not settings.data_dir.exists()
    async with open_storage(settings.storage_url) as storage:
        await storage.series.add(_series(0, "Alpha"))
        assert await glance(settings) is None


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///missing.db", "postgresql://host/name"])
async def test_only_an_existing_file_is_opened(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other databases are left to their storage."""
    monkeypatch.chdir(tmp_path)
    async with open_last_scan(url) as last:
        assert last is None
    assert not list(tmp_path.iterdir())


async def test_a_database_of_another_version_is_left_to_the_storage(
    application: Application, settings: Settings
) -> None:
    """Only the storage migrates."""
    database = application.storage._database  # type: ignore[attr-defined]
    await database.in_thread(
        lambda: database.execute("UPDATE alembic_version SET version_num = '9999'")
    )
    assert await glance(settings) is None
