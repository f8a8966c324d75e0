"""Open the SQLite storage and its repositories."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import anyio.to_thread
import attrs
import sqlalchemy as sa

from aniworld_core.errors import FormerDatabaseError
from aniworld_core.ports.storage import Storage
from aniworld_sqlite._copies import copies_of, make_copy, refusal_of
from aniworld_sqlite._database import Database, mapped_errors, parse_url
from aniworld_sqlite._former import is_former
from aniworld_sqlite._migrate import migrate
from aniworld_sqlite._repositories.api_keys import SqliteApiKeyRepository
from aniworld_sqlite._repositories.changes import SqliteChangeJournal
from aniworld_sqlite._repositories.library_files import SqliteLibraryFileRepository
from aniworld_sqlite._repositories.metadata import SqliteMetadataRepository
from aniworld_sqlite._repositories.queue import SqliteQueueRepository
from aniworld_sqlite._repositories.schedule import SqliteScheduleRepository
from aniworld_sqlite._repositories.scores import SqliteScoreRepository
from aniworld_sqlite._repositories.series import SqliteSeriesRepository
from aniworld_sqlite._repositories.sessions import SqliteSessionRepository
from aniworld_sqlite._repositories.shared_state import SqliteSharedStateRepository
from aniworld_sqlite._repositories.versions import SqliteVersionRepository


@attrs.define(eq=False)
class SqliteStorage(Storage):
    """Repositories of one SQLite database, created by `open_storage`."""

    _database: Database
    _series: SqliteSeriesRepository = attrs.field(init=False)
    _queue: SqliteQueueRepository = attrs.field(init=False)
    _sessions: SqliteSessionRepository = attrs.field(init=False)
    _api_keys: SqliteApiKeyRepository = attrs.field(init=False)
    _schedule: SqliteScheduleRepository = attrs.field(init=False)
    _shared: SqliteSharedStateRepository = attrs.field(init=False)
    _scores: SqliteScoreRepository = attrs.field(init=False)
    _files: SqliteLibraryFileRepository = attrs.field(init=False)
    _changes: SqliteChangeJournal = attrs.field(init=False)
    _metadata: SqliteMetadataRepository = attrs.field(init=False)
    _versions: SqliteVersionRepository = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._series = SqliteSeriesRepository(self._database)
        self._queue = SqliteQueueRepository(self._database)
        self._sessions = SqliteSessionRepository(self._database)
        self._api_keys = SqliteApiKeyRepository(self._database)
        self._schedule = SqliteScheduleRepository(self._database)
        self._shared = SqliteSharedStateRepository(self._database)
        self._scores = SqliteScoreRepository(self._database)
        self._files = SqliteLibraryFileRepository(self._database)
        self._changes = SqliteChangeJournal(self._database)
        self._metadata = SqliteMetadataRepository(self._database)
        self._versions = SqliteVersionRepository(self._database)

    @property
    def series(self) -> SqliteSeriesRepository:
        return self._series

    @property
    def queue(self) -> SqliteQueueRepository:
        return self._queue

    @property
    def sessions(self) -> SqliteSessionRepository:
        return self._sessions

    @property
    def api_keys(self) -> SqliteApiKeyRepository:
        return self._api_keys

    @property
    def schedule(self) -> SqliteScheduleRepository:
        return self._schedule

    @property
    def shared(self) -> SqliteSharedStateRepository:
        return self._shared

    @property
    def scores(self) -> SqliteScoreRepository:
        return self._scores

    @property
    def files(self) -> SqliteLibraryFileRepository:
        return self._files

    @property
    def changes(self) -> SqliteChangeJournal:
        return self._changes

    @property
    def metadata(self) -> SqliteMetadataRepository:
        return self._metadata

    @property
    def versions(self) -> SqliteVersionRepository:
        return self._versions

    @property
    def notice(self) -> str:
        return self._database.refusal

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
