"""Backup copies of the database, and recovery from damage."""

import random
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aniworld_core.application.configuration import CurrentConfig, DatabaseCopies
from aniworld_core.domain.configuration import BackupConfig, Config, DatabaseBackupConfig
from aniworld_core.errors import AniworldError, StorageCorruptError, StorageUnavailableError
from aniworld_core.testing.factories import make_item, make_series, make_session
from aniworld_core.testing.fakes import FakeClock
from aniworld_sqlite import open_storage, recover
from aniworld_sqlite._copies import copies_of
from support.damaged_databases import spoil

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "aniworld.db"


async def _fill(path: Path, copies: int = 1) -> None:
    async with open_storage(f"sqlite:///{path}") as storage:
        await storage.series.add(make_series())
        await storage.queue.add([make_item(number) for number in range(100)])
        for number in range(copies):
            await storage.make_copy(at=NOW + timedelta(hours=number), keep=7)


async def test_a_copy_is_whole_private_and_made_while_the_database_is_used(path: Path) -> None:
    """A copy is complete and private, and no temporary file stays."""
    async with open_storage(f"sqlite:///{path}") as storage:
        await storage.queue.add([make_item(1)])
        await storage.make_copy(at=NOW, keep=3)
        assert await storage.last_copy() == NOW
        await storage.queue.add([make_item(2)])
    (copy,) = copies_of(path)
    assert [file.name for file in copy.path.parent.iterdir()] == ["aniworld-20261005T120000Z.db"]
    assert stat.S_IMODE(copy.path.stat().st_mode) == 0o600
    async with open_storage(f"sqlite:///{copy.path}") as storage:
        assert list(await storage.queue.find()) == [make_item(1)]


async def test_the_oldest_copies_are_removed(path: Path) -> None:
    """Only the configured number of copies stays; other files in the folder are not touched."""
    await _fill(path)
    other = path.parent / "backups" / "config-20261005T120000.000000Z.json"
    other.write_text("{}")
    async with open_storage(f"sqlite:///{path}") as storage:
        for number in range(1, 5):
            await storage.make_copy(at=NOW + timedelta(days=number), keep=2)
    assert [copy.made_at.day for copy in copies_of(path)] == [9, 8]
    assert other.exists()


async def test_copies_are_made_at_intervals(path: Path) -> None:
    """The first copy is made at once, the next after the interval, none if disabled."""
    clock = FakeClock()
    wanted = DatabaseBackupConfig(interval_hours=6, keep=2)
    current = CurrentConfig(Config(backup=BackupConfig(database=wanted)))
    async with open_storage(f"sqlite:///{path}") as storage:
        copies = DatabaseCopies(storage=storage, config=current, clock=clock)
        assert await copies.next_time() == clock.now()
        assert await copies.make() == "the database was copied"
        assert await copies.next_time() == clock.now() + timedelta(hours=6)
        clock.advance(timedelta(hours=6))
        assert await copies.next_time() == clock.now()
        await copies.make()
        current.value = Config(backup=BackupConfig(database=DatabaseBackupConfig(enabled=False)))
        assert await copies.next_time() is None
    assert len(copies_of(path)) == 2


async def test_a_damaged_database_is_moved_aside_and_its_copy_restored(path: Path) -> None:
    """A damaged database is renamed and replaced with its copy; a scan is requested."""
    await _fill(path)
    content = b"SQLite format 3\0" + b"\xff" * 9000
    path.write_bytes(content)

    found = await recover(f"sqlite:///{path}", at=NOW)

    assert found is not None
    assert not found.is_read_only
    assert Path(found.moved_to).read_bytes() == content
    assert found.restored_at == NOW
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    async with open_storage(f"sqlite:///{path}") as storage:
        assert len(list(await storage.queue.find())) == 100
        assert (await storage.schedule.get()).last_run is None
        await storage.queue.remove([make_item(1).id])
    assert await recover(f"sqlite:///{path}", at=NOW) is None


async def test_a_damaged_copy_is_passed_over(path: Path) -> None:
    """A damaged copy is skipped in favour of the newest intact one."""
    await _fill(path, copies=3)
    for copy in copies_of(path)[:2]:
        copy.path.write_bytes(b"x" * 9000)
    path.write_bytes(b"x" * 9000)
    found = await recover(f"sqlite:///{path}", at=NOW)
    assert found is not None
    assert found.restored_at == NOW


async def test_without_a_copy_it_begins_empty_and_read_only(path: Path) -> None:
    """Without a copy the new database is empty and read-only until a recovery is requested."""
    path.write_bytes(b"x" * 9000)
    url = f"sqlite:///{path}"
    found = await recover(url, at=NOW)
    assert found is not None
    assert found.is_read_only
    for _ in range(2):
        async with open_storage(url) as storage:
            assert "no copy" in storage.notice
            assert list(await storage.series.find()) == []
            with pytest.raises(StorageUnavailableError, match="damaged"):
                await storage.series.add(make_series())
            await storage.sessions.remove_expired(NOW)
            await storage.make_copy(at=NOW, keep=1)
        assert await recover(url, at=NOW) is None
    async with open_storage(url) as storage:
        await storage.sessions.add(make_session())
    assert await recover(url, at=NOW, on_request=True) is not None
    async with open_storage(url) as storage:
        assert storage.notice == ""
        await storage.series.add(make_series())


async def test_a_sound_database_is_left_alone(path: Path) -> None:
    """Intact databases of other programs or newer versions and missing files are not touched."""
    url = f"sqlite:///{path}"
    assert await recover(url, at=NOW, on_request=True) is None
    await _fill(path)
    assert await recover(url, at=NOW, on_request=True) is None
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert await recover(url, at=NOW, on_request=True) is None
    other = path.with_name("other.db")
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE theirs (id)")
    assert await recover(f"sqlite:///{other}", at=NOW, on_request=True) is None
    assert not list(path.parent.glob("*damaged*"))


@pytest.mark.parametrize("seed", range(30))
async def test_whatever_is_damaged_it_starts_again(path: Path, seed: int) -> None:
    """After any damage the program starts again, and the library is not touched."""
    library = path.parent / "library" / "A (2020)" / "A - S01E01.mkv"
    library.parent.mkdir(parents=True)
    library.write_bytes(b"film")
    chance = random.Random(seed)
    await _fill(path, copies=seed % 2)
    spoil(path, chance)
    url = f"sqlite:///{path}"
    for _ in range(2):
        await recover(url, at=NOW)
        async with open_storage(url) as storage:
            await storage.ping()
            for read in (storage.series.find, storage.queue.find, storage.schedule.get):
                try:
                    await read()
                except StorageCorruptError:
                    pass  # A value that no check of SQLite covers; it is reported when it is read.
                except AniworldError:
                    raise
    assert library.read_bytes() == b"film"
