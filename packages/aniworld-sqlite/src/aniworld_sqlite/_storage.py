"""Open the SQLite storage and its repositories."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import anyio.to_thread
import attrs
import sqlalchemy as sa

from aniworld_core.errors import FormerDatabaseError
from aniworld_core.ports.storage import Storage
from aniworld_sqlite._copies import copies_of, make_copy, refusal_of
from aniworld_sqlite._database import Database, mapped_errors, parse_url
from aniworld_sqlite._migrate import migrate
from aniworld_sqlite._recognition import is_former

if TYPE_CHECKING:
    from aniworld_sqlite._repositories.accounts import SqliteAccountRepository
    from aniworld_sqlite._repositories.api_keys import SqliteApiKeyRepository
    from aniworld_sqlite._repositories.changes import SqliteChangeJournal
    from aniworld_sqlite._repositories.history import SqliteHistoryRepository
    from aniworld_sqlite._repositories.jobs import SqliteJobRepository
    from aniworld_sqlite._repositories.library_files import SqliteLibraryFileRepository
    from aniworld_sqlite._repositories.metadata import SqliteMetadataRepository
    from aniworld_sqlite._repositories.queue import SqliteQueueRepository
    from aniworld_sqlite._repositories.schedule import SqliteScheduleRepository
    from aniworld_sqlite._repositories.scores import SqliteScoreRepository
    from aniworld_sqlite._repositories.series import SqliteSeriesRepository
    from aniworld_sqlite._repositories.sessions import SqliteSessionRepository
    from aniworld_sqlite._repositories.shared_state import SqliteSharedStateRepository
    from aniworld_sqlite._repositories.statistics import SqliteStatisticsRepository
    from aniworld_sqlite._repositories.tasks import SqliteTaskRepository
    from aniworld_sqlite._repositories.versions import SqliteVersionRepository


# Not slotted: `cached_property` stores what it builds in the dictionary of the object.
@attrs.define(eq=False, slots=False)
class SqliteStorage(Storage):
    """Repositories of one SQLite database, created by `open_storage`.

    Each is imported and built when it is first used.
    """

    _database: Database

    @cached_property
    def series(self) -> "SqliteSeriesRepository":
        from aniworld_sqlite._repositories.series import SqliteSeriesRepository

        return SqliteSeriesRepository(self._database)

    @cached_property
    def queue(self) -> "SqliteQueueRepository":
        from aniworld_sqlite._repositories.queue import SqliteQueueRepository

        return SqliteQueueRepository(self._database)

    @cached_property
    def sessions(self) -> "SqliteSessionRepository":
        from aniworld_sqlite._repositories.sessions import SqliteSessionRepository

        return SqliteSessionRepository(self._database)

    @cached_property
    def accounts(self) -> "SqliteAccountRepository":
        from aniworld_sqlite._repositories.accounts import SqliteAccountRepository

        return SqliteAccountRepository(self._database)

    @cached_property
    def api_keys(self) -> "SqliteApiKeyRepository":
        from aniworld_sqlite._repositories.api_keys import SqliteApiKeyRepository

        return SqliteApiKeyRepository(self._database)

    @cached_property
    def schedule(self) -> "SqliteScheduleRepository":
        from aniworld_sqlite._repositories.schedule import SqliteScheduleRepository

        return SqliteScheduleRepository(self._database)

    @cached_property
    def shared(self) -> "SqliteSharedStateRepository":
        from aniworld_sqlite._repositories.shared_state import SqliteSharedStateRepository

        return SqliteSharedStateRepository(self._database)

    @cached_property
    def scores(self) -> "SqliteScoreRepository":
        from aniworld_sqlite._repositories.scores import SqliteScoreRepository

        return SqliteScoreRepository(self._database)

    @cached_property
    def files(self) -> "SqliteLibraryFileRepository":
        from aniworld_sqlite._repositories.library_files import SqliteLibraryFileRepository

        return SqliteLibraryFileRepository(self._database)

    @cached_property
    def changes(self) -> "SqliteChangeJournal":
        from aniworld_sqlite._repositories.changes import SqliteChangeJournal

        return SqliteChangeJournal(self._database)

    @cached_property
    def metadata(self) -> "SqliteMetadataRepository":
        from aniworld_sqlite._repositories.metadata import SqliteMetadataRepository

        return SqliteMetadataRepository(self._database)

    @cached_property
    def versions(self) -> "SqliteVersionRepository":
        from aniworld_sqlite._repositories.versions import SqliteVersionRepository

        return SqliteVersionRepository(self._database)

    @cached_property
    def history(self) -> "SqliteHistoryRepository":
        from aniworld_sqlite._repositories.history import SqliteHistoryRepository

        return SqliteHistoryRepository(self._database)

    @cached_property
    def tasks(self) -> "SqliteTaskRepository":
        from aniworld_sqlite._repositories.tasks import SqliteTaskRepository

        return SqliteTaskRepository(self._database)

    @cached_property
    def jobs(self) -> "SqliteJobRepository":
        from aniworld_sqlite._repositories.jobs import SqliteJobRepository

        return SqliteJobRepository(self._database)

    @cached_property
    def statistics(self) -> "SqliteStatisticsRepository":
        from aniworld_sqlite._repositories.statistics import SqliteStatisticsRepository

        return SqliteStatisticsRepository(self._database)

    async def has_unfinished_changes(self) -> bool:
        query = sa.text("SELECT 1 FROM library_change WHERE status IN ('running', 'stuck') LIMIT 1")
        return bool(await self._database.read(lambda c: c.execute(query).all()))

    @property
    def notice(self) -> str:
        return self._database.refusal

    @property
    def engine(self) -> tuple[str, str]:
        return "SQLite", sqlite3.sqlite_version

    async def ping(self) -> None:
        await self._database.read(lambda connection: connection.execute(sa.text("SELECT 1")).all())

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
