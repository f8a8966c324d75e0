"""Open a database file to copy its tables, or to fill it with those of another database."""

import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote

import anyio.to_thread
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from aniworld_core.errors import SettingsError, StorageNotMovedError
from aniworld_core.messages import Message
from aniworld_core.ports.tables import TableReader, TableWriter
from aniworld_sqlite._database import BUSY_TIMEOUT, Location, make_private, mapped_errors, parse_url
from aniworld_sqlite._revisions import SHIPPED
from aniworld_sqlite._schema import metadata
from aniworld_sqlite._tables import SqlTableReader, SqlTableWriter
from aniworld_sqlite._triggers import TRIGGERS

#: Ends the name of a file that is being filled; it gets its own name when it is complete.
_DRAFT: Final = ".copying"


@asynccontextmanager
async def open_reader(url: str) -> AsyncIterator[TableReader]:
    """Open the file of a URL for reading; neither it nor its folder is changed.

    Raises:
        SettingsError: If the URL has another form, or names no file.
        StorageNotMovedError: If its schema is not the newest one.
        StorageCorruptError: If it is damaged or belongs to another program.
    """
    location = parse_url(url)
    path = _file_of(location)
    if not path.is_file():
        raise SettingsError([f"{path} does not exist"])
    former = _state(path)

    def connect() -> sqlite3.Connection:
        # Without a log nothing has to be applied, and SQLite need not make files beside it.
        options = "mode=ro" if former[1] else "mode=ro&immutable=1"
        return _connected(f"file:{quote(str(path))}?{options}")

    async with _open(location, connect) as connection:

        def check() -> None:
            with mapped_errors(location):
                connection.exec_driver_sql("BEGIN")
                _require_newest(connection, str(location))

        await anyio.to_thread.run_sync(check)
        yield SqlTableReader(
            place=str(location),
            folder=path.parent,
            connection=connection,
            mapped=partial(mapped_errors, location),
            seen_changes=lambda _: _state(path) != former,
        )


@asynccontextmanager
async def open_writer(url: str) -> AsyncIterator[TableWriter]:
    """Open a new file beside the one of a URL; it gets that name when it is complete.

    Raises:
        SettingsError: If the URL has another form, or names no file.
        StorageNotMovedError: If the file exists already, or another program fills it.
    """
    location = parse_url(url)
    path = _file_of(location)
    if path.exists():
        raise StorageNotMovedError("", str(path), Message("move_target_exists"))
    draft = path.with_name(path.name + _DRAFT)
    is_complete = False

    def connect() -> sqlite3.Connection:
        make_private(draft)
        return _connected(f"file:{quote(str(draft))}")

    def complete(connection: sa.Connection) -> None:
        nonlocal is_complete
        for trigger in TRIGGERS:
            connection.exec_driver_sql(trigger)
        connection.exec_driver_sql(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
            " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (SHIPPED.newest,))
        is_complete = True

    async with _open(Location(draft), connect) as connection:

        def lock() -> None:
            with mapped_errors(Location(draft)):
                # Kept until the connection is closed: nobody else fills the same file.
                connection.exec_driver_sql("PRAGMA locking_mode=EXCLUSIVE")
                connection.exec_driver_sql("BEGIN EXCLUSIVE")
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA foreign_keys=ON")
                connection.rollback()

        await anyio.to_thread.run_sync(lock)
        sa.event.listen(connection, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
        yield SqlTableWriter(
            place=str(location),
            folder=path.parent,
            connection=connection,
            mapped=partial(mapped_errors, Location(draft)),
            prepare=lambda c: metadata.create_all(c, checkfirst=False),
            complete=complete,
        )
    if is_complete:
        await anyio.to_thread.run_sync(_publish, draft, path)


def _file_of(location: Location) -> Path:
    if location.path is None:
        raise SettingsError(["a database in memory cannot be copied"])
    return location.path


def _connected(target: str) -> sqlite3.Connection:
    return sqlite3.connect(
        target, uri=True, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
    )


@asynccontextmanager
async def _open(
    location: Location, connect: Callable[[], sqlite3.Connection]
) -> AsyncIterator[sa.Connection]:
    def open_it() -> tuple[sqlite3.Connection, sa.Connection]:
        with mapped_errors(location):
            driver = connect()
            engine = sa.create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool)
            return driver, engine.connect()

    driver, connection = await anyio.to_thread.run_sync(open_it)
    with closing(driver), closing(connection):
        yield connection


def _state(path: Path) -> tuple[tuple[int, int], int]:
    """Return size and time of a database file, and the size of its log."""
    log = path.with_name(f"{path.name}-wal")
    found = path.stat()
    return (found.st_size, found.st_mtime_ns), log.stat().st_size if log.exists() else 0


def _require_newest(connection: sa.Connection, place: str) -> None:
    """Raise StorageNotMovedError unless the tables are those of this program."""
    if not sa.inspect(connection).has_table("alembic_version"):
        raise StorageNotMovedError(place, "", Message("database_of_other"))
    query = sa.text("SELECT version_num FROM alembic_version")
    stored = str(connection.execute(query).scalar())
    require_newest(stored, place)


def require_newest(stored: str, place: str) -> None:
    """Raise StorageNotMovedError unless a stored revision is the newest one."""
    if stored == SHIPPED.newest:
        return
    kind = "move_schema_older" if stored in SHIPPED.names else "database_newer"
    raise StorageNotMovedError(place, "", Message(kind, name=stored, known=SHIPPED.newest))


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _publish(draft: Path, path: Path) -> None:
    with _opened(draft) as descriptor:
        os.fsync(descriptor)
    draft.rename(path)
    with _opened(path.parent) as descriptor:
        os.fsync(descriptor)
