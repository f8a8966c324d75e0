"""Copies of all tables from SQLite to PostgreSQL and back."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import aniworld_sqlite
from aniworld_core.application.configuration import (
    MoveProgress,
    MoveReport,
    MoveStep,
    StorageMove,
)
from aniworld_core.errors import SettingsError, StorageNotMovedError, UsageError
from aniworld_core.testing import make_item, make_series
from aniworld_postgres import open_reader, open_storage, open_writer
from support.filled_tables import fill_tables
from support.postgres_server import PostgresServer
from support.thorough import ONLY_THOROUGH

pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH, pytest.mark.external_service]


class _StoppedError(Exception):
    """Ends a copy as a kill would, between two transactions."""


async def _filled(folder: Path) -> str:
    url = f"sqlite:///{folder}/source.db"
    async with aniworld_sqlite.open_storage(url) as storage:
        await storage._database.write(fill_tables)
    return url


async def _to_postgres(source: str, target: str, *, stop_in: str = "") -> MoveReport:
    def told(progress: MoveProgress) -> None:
        if progress.step is MoveStep.COPY and progress.table == stop_in:
            raise _StoppedError

    async with aniworld_sqlite.open_reader(source) as reader, open_writer(target) as writer:
        return await StorageMove(source=reader, target=writer).run(told)


async def _to_sqlite(source: str, target: str) -> MoveReport:
    async with open_reader(source) as reader, aniworld_sqlite.open_writer(target) as writer:
        return await StorageMove(source=reader, target=writer).run()


def _dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.iterdump())


async def test_every_table_comes_back_equal(url: str, tmp_path: Path) -> None:
    """A database that was copied there and back is equal: tables, rows, numbers, triggers."""
    there = await _to_postgres(await _filled(tmp_path), url)
    back = await _to_sqlite(url, f"sqlite:///{tmp_path}/back.db")

    assert there.tables == back.tables
    assert all(table.rows for table in there.tables)
    assert _dump(tmp_path / "back.db") == _dump(tmp_path / "source.db")


async def test_the_copy_goes_on_like_the_source(url: str, tmp_path: Path) -> None:
    """Totals of the queue are kept again, and new series get new numbers."""
    source = f"sqlite:///{tmp_path}/source.db"
    async with aniworld_sqlite.open_storage(source) as storage:
        await storage.series.add(make_series())
        await storage.queue.add([make_item(1)])
    await _to_postgres(source, url)

    async with open_storage(url) as copied:
        await copied.series.add(make_series(key="another"))
        await copied.queue.add([make_item(2)])
        assert sum((await copied.queue.counts()).values()) == 2
        assert len(await copied.series.find()) == 2


async def test_a_half_copied_database_is_not_opened(url: str, tmp_path: Path) -> None:
    """No command uses it before the copy is continued to its end."""
    source = await _filled(tmp_path)
    with pytest.raises(_StoppedError):
        await _to_postgres(source, url, stop_in="history")

    with pytest.raises(SettingsError, match="run aniworld migrate-storage again"):
        async with open_storage(url):
            pass

    assert (await _to_postgres(source, url)).is_resumed
    async with open_storage(url) as storage:
        await storage.ping()


async def test_a_changed_source_is_copied_anew(url: str, tmp_path: Path) -> None:
    """Rows of an interrupted copy that the source no longer has are not kept."""
    source = await _filled(tmp_path)
    with pytest.raises(_StoppedError):
        await _to_postgres(source, url, stop_in="history")
    with closing(sqlite3.connect(tmp_path / "source.db")) as connection:
        connection.execute("DELETE FROM api_key")
        connection.commit()

    report = await _to_postgres(source, url)

    assert not report.is_resumed
    assert next(table.rows for table in report.tables if table.name == "api_key") == 0


async def test_a_database_with_data_is_left_as_it_is(url: str, tmp_path: Path) -> None:
    """A target with rows is refused with the name of the table."""
    async with open_storage(url) as storage:
        await storage.queue.add([make_item(1)])

    with pytest.raises(StorageNotMovedError, match="has rows; name an empty database"):
        await _to_postgres(await _filled(tmp_path), url)

    async with open_storage(url) as storage:
        assert [item.id for item in await storage.queue.find()] == [make_item(1).id]


async def test_a_used_database_is_refused(url: str, tmp_path: Path) -> None:
    """While a server has the database open, it is neither read nor filled."""
    source = await _filled(tmp_path)
    async with open_storage(url):
        with pytest.raises(StorageNotMovedError, match="another program uses it"):
            await _to_postgres(source, url)
        with pytest.raises(StorageNotMovedError, match="another program uses it"):
            await _to_sqlite(url, f"sqlite:///{tmp_path}/back.db")


async def test_a_newer_schema_is_refused(server: PostgresServer, url: str, tmp_path: Path) -> None:
    """A database of a newer program is neither read nor filled."""
    async with open_storage(url):
        pass
    server.execute("UPDATE alembic_version SET version_num = '9999'", url.rpartition("/")[2])

    with pytest.raises(SettingsError, match="schema 9999"):
        await _to_postgres(await _filled(tmp_path), url)
    with pytest.raises(StorageNotMovedError, match="schema 9999"):
        await _to_sqlite(url, f"sqlite:///{tmp_path}/back.db")


async def test_a_text_that_cannot_be_stored_is_refused(url: str, tmp_path: Path) -> None:
    """SQLite can hold a NUL in a text; the copy ends with a sentence about it."""
    source = await _filled(tmp_path)
    with closing(sqlite3.connect(tmp_path / "source.db")) as connection:
        connection.execute("UPDATE api_key SET name = 'a' || char(0)")
        connection.commit()

    with pytest.raises(UsageError, match="cannot be stored"):
        await _to_postgres(source, url)
