"""Open a database to copy its tables, or to fill it with those of another database."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import anyio
import anyio.to_thread
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from aniworld_core.errors import StorageNotMovedError
from aniworld_core.messages import Message
from aniworld_core.ports.tables import TableReader, TableWriter
from aniworld_postgres._database import WRITER_LOCK, Location, parse_url
from aniworld_postgres._errors import mapped_errors
from aniworld_postgres._schema import COPYING, migrate
from aniworld_postgres._ticket_schema import RECONCILE
from aniworld_sqlite.sql import (
    SHIPPED,
    SqlTableReader,
    SqlTableWriter,
    copied_mark,
    metadata,
    require_newest,
)

#: Name of the connections of a copy; those of other programs begin with `aniworld`.
_NAME: Final = "aniworld migrate-storage"
_CONNECT_TIMEOUT: Final = 10
#: Seconds until the server has ended the sessions of programs that were just closed.
_PATIENCE_SECONDS: Final = 2.0
#: Other programs that use this database: they keep a connection.
_OTHERS: Final = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name LIKE 'aniworld%' AND pid <> pg_backend_pid()"
)
#: The rows of totals and changes are copied; the triggers would make them a second time.
_WITHOUT_TRIGGERS: Final = "ALTER TABLE download_queue_item DISABLE TRIGGER USER"
_WITH_TRIGGERS: Final = "ALTER TABLE download_queue_item ENABLE TRIGGER USER"


@asynccontextmanager
async def open_reader(url: str) -> AsyncIterator[TableReader]:
    """Open the database of a URL for reading; no program can write to it meanwhile.

    Raises:
        SettingsError: If the URL, the user, the database or the server cannot be used.
        StorageNotMovedError: If programs use the database, or its schema is not the newest one.
        StorageUnavailableError: If the server cannot be reached.
    """
    location = parse_url(url)
    async with _open(location, isolation_level="REPEATABLE READ") as connection:

        def check() -> None:
            with mapped_errors(str(location)):
                connection.execution_options(postgresql_readonly=True)
                if not sa.inspect(connection).has_table("alembic_version"):
                    raise StorageNotMovedError(str(location), "", Message("move_source_empty"))
                query = sa.text("SELECT version_num FROM alembic_version")
                require_newest(str(connection.execute(query).scalar()), str(location))

        await anyio.to_thread.run_sync(check)
        yield SqlTableReader(
            place=str(location),
            folder=None,
            connection=connection,
            mapped=partial(mapped_errors, str(location)),
        )


@asynccontextmanager
async def open_writer(url: str) -> AsyncIterator[TableWriter]:
    """Open an empty database, or one with an unfinished copy, to fill it.

    Raises:
        SettingsError: If the URL, the user, the database or the server cannot be used, or the
            database belongs to another program or a newer version.
        StorageNotMovedError: If it has data, or programs use it.
        StorageUnavailableError: If the server cannot be reached.
    """
    location = parse_url(url)
    place = str(location)
    async with _open(location, isolation_level="READ COMMITTED") as connection:

        def check() -> None:
            with mapped_errors(place), connection.begin():
                if copied_mark(connection) is None:
                    migrate(connection, place)
                    _require_empty(connection, place)
                elif (stored := _stored(connection)) != COPYING + SHIPPED.newest:
                    reason = Message("move_other_version", name=stored.removeprefix(COPYING))
                    raise StorageNotMovedError("", place, reason)

        await anyio.to_thread.run_sync(check)
        yield SqlTableWriter(
            place=place,
            folder=None,
            connection=connection,
            mapped=partial(mapped_errors, place),
            prepare=_prepare,
            complete=_complete,
        )


@asynccontextmanager
async def _open(location: Location, *, isolation_level: str) -> AsyncIterator[sa.Connection]:
    """Connect, and hold the lock of the writer until the end.

    Raises:
        StorageNotMovedError: If another program uses the database.
    """
    engine = sa.create_engine(
        location.url,
        connect_args={
            "connect_timeout": _CONNECT_TIMEOUT,
            "options": "-c timezone=UTC -c client_min_messages=warning -c lock_timeout=5000",
            "application_name": _NAME,
        },
        poolclass=NullPool,
        isolation_level=isolation_level,
    )

    def connect() -> sa.Connection:
        with mapped_errors(str(location)):
            return engine.connect()

    def lock() -> None:
        with mapped_errors(str(location)):
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while connection.execute(_OTHERS).scalar_one():
                connection.rollback()  # the next query sees the sessions of that moment
                if time.monotonic() > deadline:
                    raise StorageNotMovedError(str(location), "", Message("move_in_use"))
                time.sleep(0.05)
            query = sa.select(sa.func.pg_try_advisory_lock(WRITER_LOCK))
            if not connection.execute(query).scalar_one():
                raise StorageNotMovedError(str(location), "", Message("move_in_use"))
            connection.rollback()

    connection = await anyio.to_thread.run_sync(connect)
    try:
        await anyio.to_thread.run_sync(lock)
        yield connection
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(connection.close)


def _require_empty(connection: sa.Connection, place: str) -> None:
    for table in metadata.sorted_tables:
        if connection.execute(sa.select(sa.exists().select_from(table))).scalar_one():
            raise StorageNotMovedError("", place, Message("move_target_used", name=table.name))


def _stored(connection: sa.Connection) -> str:
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())


def _prepare(connection: sa.Connection) -> None:
    connection.exec_driver_sql(_WITHOUT_TRIGGERS)
    _set_version(connection, COPYING + SHIPPED.newest)


def _complete(connection: sa.Connection) -> None:
    connection.exec_driver_sql(_WITH_TRIGGERS)
    connection.exec_driver_sql(RECONCILE)
    _set_version(connection, SHIPPED.newest)


def _set_version(connection: sa.Connection, name: str) -> None:
    connection.execute(sa.text("UPDATE alembic_version SET version_num = :name"), {"name": name})
