"""Open the PostgreSQL storage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from aniworld_core.ports.clock import Clock
from aniworld_postgres._clock import ServerClock
from aniworld_postgres._configuration import PostgresConfigDocuments
from aniworld_postgres._database import Database, parse_url
from aniworld_postgres._guesses import PostgresGuessCounter
from aniworld_postgres._link import PostgresLink
from aniworld_postgres._nodes import PostgresLeadership, PostgresNodeRegistry
from aniworld_postgres._schema import migrate
from aniworld_postgres._shared import done_once
from aniworld_sqlite.sql import SqlStorage

if TYPE_CHECKING:
    from aniworld_postgres._tickets import PostgresTickets


# Not slotted, as its base.
@attrs.define(eq=False, slots=False)
class PostgresStorage(SqlStorage):
    """Repositories of one PostgreSQL database, created by `open_storage`."""

    _database: Database
    _version: str

    @property
    def engine(self) -> tuple[str, str]:
        return "PostgreSQL", self._version

    @cached_property
    def configuration(self) -> PostgresConfigDocuments:
        return PostgresConfigDocuments(self._database)

    @property
    def guesses(self) -> PostgresGuessCounter:
        return PostgresGuessCounter(self._database)

    @cached_property
    def link(self) -> PostgresLink:
        return PostgresLink(self._database)

    @cached_property
    def tickets(self) -> "PostgresTickets":
        # A command that only shows something need not import it.
        from aniworld_postgres._tickets import PostgresTickets

        return PostgresTickets(self._database)

    async def is_first(self, name: str, *, at: datetime, within: timedelta) -> bool:
        forget = sa.delete(done_once).where(done_once.c.until <= at)
        add = insert(done_once).values(name=name, until=at + within).on_conflict_do_nothing()
        query = add.returning(done_once.c.name)

        def work(connection: sa.Connection) -> bool:
            connection.execute(forget)
            return connection.execute(query).first() is not None

        return await self._database.write(work)

    @property
    def nodes(self) -> PostgresNodeRegistry:
        return PostgresNodeRegistry(self._database)

    @property
    def leadership(self) -> PostgresLeadership:
        return PostgresLeadership(self._database.location)

    def clock(self, local: Clock) -> Clock:
        return ServerClock(self._database.time, local)


@asynccontextmanager
async def open_storage(url: str) -> AsyncIterator[PostgresStorage]:
    """Open the database of a URL; make its tables or migrate them if needed.

    Args:
        url: `postgresql://user:password@host:port/database`; the options after `?` are those of
            libpq, such as `sslmode=verify-full`.

    Raises:
        SettingsError: If the URL, the user, the database or the server cannot be used, or the
            tables belong to a newer version or to another program. They are left as they are.
            Also if a connection pooler is in between.
        StorageUnavailableError: If the server cannot be reached, or accepts no connection now.
    """
    location = parse_url(url)
    database = Database(location)

    def prepare(connection: sa.Connection) -> str:
        database.require_session(connection)
        migrate(connection, str(location))
        return str(connection.exec_driver_sql("SHOW server_version").scalar_one())

    database.open()
    try:
        version = await database.in_writer(prepare)
        yield PostgresStorage(database, version)
    finally:
        await database.close()
