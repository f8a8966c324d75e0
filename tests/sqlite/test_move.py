"""Copies of all tables from one database file to another."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aniworld_core.application.configuration import (
    MoveProgress,
    MoveReport,
    MoveStep,
    StorageMove,
)
from aniworld_core.errors import (
    ConflictError,
    SettingsError,
    StorageCorruptError,
    StorageNotMovedError,
)
from aniworld_core.testing import make_item, make_series
from aniworld_sqlite import SqliteStorage, open_reader, open_storage, open_writer
from aniworld_sqlite.sql import metadata
from support.filled_tables import fill_tables

pytestmark = pytest.mark.anyio


class _StoppedError(Exception):
    """Ends a copy as a kill would, between two transactions."""


async def _filled(folder: Path) -> str:
    """Return the URL of a database with rows in every table."""
    url = f"sqlite:///{folder}/source.db"
    async with open_storage(url) as storage:
        await storage._database.write(fill_tables)
    return url


async def _copy(source: str, target: str, *, stop_in: str = "") -> MoveReport:
    def told(progress: MoveProgress) -> None:
        if progress.step is MoveStep.COPY and progress.table == stop_in:
            raise _StoppedError

    async with open_reader(source) as reader, open_writer(target) as writer:
        return await StorageMove(source=reader, target=writer).run(told)


def _dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.iterdump())


async def test_the_copy_is_equal_and_the_source_unchanged(tmp_path: Path) -> None:
    """Tables, rows, numbers and triggers are equal; no byte and no file of the source changes."""
    source = await _filled(tmp_path)
    target = f"sqlite:///{tmp_path}/target.db"
    before = hashlib.sha256((tmp_path / "source.db").read_bytes()).digest()

    report = await _copy(source, target)

    assert {table.name for table in report.tables} == set(metadata.tables)
    assert all(table.rows for table in report.tables)
    assert _dump(tmp_path / "target.db") == _dump(tmp_path / "source.db")
    assert hashlib.sha256((tmp_path / "source.db").read_bytes()).digest() == before
    assert {path.name for path in tmp_path.iterdir()} == {"source.db", "target.db"}
    assert (tmp_path / "target.db").stat().st_mode & 0o777 == 0o600


async def test_the_copy_is_used_like_any_database(tmp_path: Path) -> None:
    """The application opens the copy, and its totals follow the queue as before."""
    source, target = f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db"
    async with open_storage(source) as storage:
        await storage.series.add(make_series())
        await storage.queue.add([make_item(1)])

    await _copy(source, target)

    async with open_storage(target) as storage:
        await storage.queue.add([make_item(2)])
        assert sum((await storage.queue.counts()).values()) == 2
        assert [item.id for item in await storage.queue.find()] == [
            make_item(1).id,
            make_item(2).id,
        ]


async def test_an_interrupted_copy_is_continued(tmp_path: Path) -> None:
    """The next run copies only what is missing, and says so."""
    source, target = await _filled(tmp_path), f"sqlite:///{tmp_path}/target.db"
    with pytest.raises(_StoppedError):
        await _copy(source, target, stop_in="history")
    assert not (tmp_path / "target.db").exists()

    report = await _copy(source, target)

    assert report.is_resumed
    assert _dump(tmp_path / "target.db") == _dump(tmp_path / "source.db")


async def test_a_changed_source_is_copied_anew(tmp_path: Path) -> None:
    """Rows of an interrupted copy that the source no longer has are not kept."""
    source, target = await _filled(tmp_path), f"sqlite:///{tmp_path}/target.db"
    with pytest.raises(_StoppedError):
        await _copy(source, target, stop_in="history")
    with closing(sqlite3.connect(tmp_path / "source.db")) as connection:
        connection.execute("DELETE FROM api_key")
        connection.commit()

    report = await _copy(source, target)

    assert not report.is_resumed
    assert _dump(tmp_path / "target.db") == _dump(tmp_path / "source.db")


async def test_a_row_that_differs_ends_the_copy(tmp_path: Path) -> None:
    """A wrong row in the target is found, and the target is not made usable."""
    source, target = await _filled(tmp_path), f"sqlite:///{tmp_path}/target.db"
    with pytest.raises(_StoppedError):
        await _copy(source, target, stop_in="history")
    with closing(sqlite3.connect(tmp_path / "target.db.copying")) as connection:
        connection.execute("UPDATE api_key SET name = 'x' WHERE rowid = 1")
        connection.commit()

    with pytest.raises(StorageNotMovedError, match="api_key has 3 rows and the copy 3"):
        await _copy(source, target)

    assert not (tmp_path / "target.db").exists()
    assert not (await _copy(source, target)).is_resumed


async def test_a_change_during_the_copy_is_noticed(tmp_path: Path) -> None:
    """A program that writes meanwhile ends the copy with a sentence."""
    source, target = await _filled(tmp_path), f"sqlite:///{tmp_path}/target.db"
    async with (
        open_reader(source) as reader,
        open_writer(target) as writer,
        open_storage(source) as storage,
    ):
        await storage._database.write(lambda c: c.exec_driver_sql("DELETE FROM api_key"))
        with pytest.raises(StorageNotMovedError, match="changed it meanwhile"):
            await StorageMove(source=reader, target=writer).run()
    assert not (tmp_path / "target.db").exists()


async def test_a_log_beside_the_source_is_read(tmp_path: Path) -> None:
    """Rows that a killed program left in the write-ahead log are copied too."""
    source, target = await _filled(tmp_path), f"sqlite:///{tmp_path}/target.db"
    with closing(sqlite3.connect(tmp_path / "source.db")) as connection:
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("DELETE FROM api_key")
        connection.commit()
        for suffix in ("", "-wal"):
            left = tmp_path / f"left.db{suffix}"
            left.write_bytes((tmp_path / f"source.db{suffix}").read_bytes())

    report = await _copy(source.replace("source.db", "left.db"), target)

    assert next(table.rows for table in report.tables if table.name == "api_key") == 0


async def test_unusable_databases_are_refused(tmp_path: Path) -> None:
    """Each is refused with its reason, and nothing is written."""
    source, target = await _filled(tmp_path), f"sqlite:///{tmp_path}/target.db"
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('0020')")
        connection.commit()
    (tmp_path / "other.db").write_bytes(b"")
    (tmp_path / "text.db").write_bytes(b"x" * 4096)
    urls = {name: f"sqlite:///{tmp_path}/{name}.db" for name in ("none", "old", "other", "text")}

    for url, refusal, text in (
        (urls["none"], SettingsError, "does not exist"),
        (urls["old"], StorageNotMovedError, "open it once with this version"),
        (urls["other"], ConflictError, "belongs to another program"),
        (urls["text"], StorageCorruptError, "not a database"),
        ("sqlite://", SettingsError, "in memory"),
    ):
        with pytest.raises(refusal, match=text):
            await _copy(url, target)
    with pytest.raises(StorageNotMovedError, match="exists already"):
        await _copy(source, source)
    assert not list(tmp_path.glob("target*"))


async def test_two_programs_do_not_fill_one_file(tmp_path: Path) -> None:
    """The second one is refused while the first one works."""
    target = f"sqlite:///{tmp_path}/target.db"
    async with open_writer(target) as writer:
        await writer.begin("x")
        with pytest.raises(Exception, match="locked"):
            async with open_writer(target):
                pass


async def test_deleted_numbers_are_not_given_again(tmp_path: Path) -> None:
    """The history of the copy goes on after the last number of the source."""
    source, target = await _filled(tmp_path), f"sqlite:///{tmp_path}/target.db"
    async with open_storage(source) as storage:
        assert isinstance(storage, SqliteStorage)
        await storage._database.write(lambda c: c.exec_driver_sql("DELETE FROM history"))

    await _copy(source, target)

    with closing(sqlite3.connect(tmp_path / "target.db")) as connection:
        query = "SELECT seq FROM sqlite_sequence WHERE name = 'history'"
        assert connection.execute(query).fetchall() == [(3,)]
