"""Open the SQLite storage and its repositories."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import anyio.to_thread
import attrs

from aniworld_core.errors import FormerDatabaseError
from aniworld_sqlite._copies import copies_of, make_copy, refusal_of
from aniworld_sqlite._database import Database, mapped_errors, parse_url
from aniworld_sqlite._migrate import migrate
from aniworld_sqlite._recognition import is_former
from aniworld_sqlite._repositories.storage import SqlStorage


# Not slotted, as its base.
@attrs.define(eq=False, slots=False)
class SqliteStorage(SqlStorage):
    """Repositories of one SQLite database, created by `open_storage`."""

    _database: Database

    @property
    def notice(self) -> str:
        return self._database.refusal

    @property
    def engine(self) -> tuple[str, str]:
        return "SQLite", sqlite3.sqlite_version

    async def last_copy(self) -> datetime | None:
        path = self._database.location.path
        found = await anyio.to_thread.run_sync(copies_of, path) if path is not None else ()
        return found[0].made_at if found else None

    async def make_copy(self, *, at: datetime, keep: int) -> bool:
        location = self._database.location
        path = location.path
        if path is None or self._database.refusal:
            return False

        def work() -> None:
            with mapped_errors(location):
                make_copy(path, at, keep)

        await anyio.to_thread.run_sync(work)
        return True


@asynccontextmanager
async def open_storage(url: str) -> AsyncIterator[SqliteStorage]:
    """Open the database of a URL; create it or migrate it to the newest schema if needed.

    Args:
        url: `sqlite:///relative/file`, `sqlite:////absolute/file`, or `sqlite://` for a
            database in memory that is gone when the context ends.

    Raises:
        SettingsError: If the URL has another form.
        StorageUnavailableError: If the file cannot be opened, or stays locked.
        FormerDatabaseError: If it is a database of the former program.
        StorageCorruptError: If it is damaged, newer than this program, or another program's.
            It is left as it is.
    """
    location = parse_url(url)
    database = Database(location, refusal=refusal_of(location.path))

    def prepare() -> None:
        path = database.location.path
        # Checked first, because opening would change the journal mode of the file.
        if path is not None and is_former(path):
            raise FormerDatabaseError(str(path))
        database.open()
        migrate(database)

    try:
        await database.in_thread(prepare)
        yield SqliteStorage(database)
    finally:
        await database.close()
