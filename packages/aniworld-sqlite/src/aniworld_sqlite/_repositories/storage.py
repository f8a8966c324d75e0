"""The repositories of an SQL database, each imported and built when it is first used."""

from functools import cached_property
from typing import TYPE_CHECKING

import attrs
import sqlalchemy as sa

from aniworld_core.ports.storage import Storage
from aniworld_sqlite._dialects import Transactions

if TYPE_CHECKING:
    from aniworld_sqlite._repositories.accounts import SqlAccountRepository
    from aniworld_sqlite._repositories.api_keys import SqlApiKeyRepository
    from aniworld_sqlite._repositories.changes import SqlChangeJournal
    from aniworld_sqlite._repositories.history import SqlHistoryRepository
    from aniworld_sqlite._repositories.jobs import SqlJobRepository
    from aniworld_sqlite._repositories.library_files import SqlLibraryFileRepository
    from aniworld_sqlite._repositories.metadata import SqlMetadataRepository
    from aniworld_sqlite._repositories.queue import SqlQueueRepository
    from aniworld_sqlite._repositories.schedule import SqlScheduleRepository
    from aniworld_sqlite._repositories.scores import SqlScoreRepository
    from aniworld_sqlite._repositories.series import SqlSeriesRepository
    from aniworld_sqlite._repositories.sessions import SqlSessionRepository
    from aniworld_sqlite._repositories.shared_state import SqlSharedStateRepository
    from aniworld_sqlite._repositories.statistics import SqlStatisticsRepository
    from aniworld_sqlite._repositories.tasks import SqlTaskRepository
    from aniworld_sqlite._repositories.versions import SqlVersionRepository


# Not slotted: `cached_property` stores what it builds in the dictionary of the object.
@attrs.define(eq=False, slots=False)
class SqlStorage(Storage):
    """Repositories over the tables of one database.

    Everything but opening, copies and errors is the same in SQLite and PostgreSQL.
    """

    _database: Transactions

    @cached_property
    def series(self) -> "SqlSeriesRepository":
        from aniworld_sqlite._repositories.series import SqlSeriesRepository

        return SqlSeriesRepository(self._database)

    @cached_property
    def queue(self) -> "SqlQueueRepository":
        from aniworld_sqlite._repositories.queue import SqlQueueRepository

        return SqlQueueRepository(self._database)

    @cached_property
    def sessions(self) -> "SqlSessionRepository":
        from aniworld_sqlite._repositories.sessions import SqlSessionRepository

        return SqlSessionRepository(self._database)

    @cached_property
    def accounts(self) -> "SqlAccountRepository":
        from aniworld_sqlite._repositories.accounts import SqlAccountRepository

        return SqlAccountRepository(self._database)

    @cached_property
    def api_keys(self) -> "SqlApiKeyRepository":
        from aniworld_sqlite._repositories.api_keys import SqlApiKeyRepository

        return SqlApiKeyRepository(self._database)

    @cached_property
    def schedule(self) -> "SqlScheduleRepository":
        from aniworld_sqlite._repositories.schedule import SqlScheduleRepository

        return SqlScheduleRepository(self._database)

    @cached_property
    def shared(self) -> "SqlSharedStateRepository":
        from aniworld_sqlite._repositories.shared_state import SqlSharedStateRepository

        return SqlSharedStateRepository(self._database)

    @cached_property
    def scores(self) -> "SqlScoreRepository":
        from aniworld_sqlite._repositories.scores import SqlScoreRepository

        return SqlScoreRepository(self._database)

    @cached_property
    def files(self) -> "SqlLibraryFileRepository":
        from aniworld_sqlite._repositories.library_files import SqlLibraryFileRepository

        return SqlLibraryFileRepository(self._database)

    @cached_property
    def changes(self) -> "SqlChangeJournal":
        from aniworld_sqlite._repositories.changes import SqlChangeJournal

        return SqlChangeJournal(self._database)

    @cached_property
    def metadata(self) -> "SqlMetadataRepository":
        from aniworld_sqlite._repositories.metadata import SqlMetadataRepository

        return SqlMetadataRepository(self._database)

    @cached_property
    def versions(self) -> "SqlVersionRepository":
        from aniworld_sqlite._repositories.versions import SqlVersionRepository

        return SqlVersionRepository(self._database)

    @cached_property
    def history(self) -> "SqlHistoryRepository":
        from aniworld_sqlite._repositories.history import SqlHistoryRepository

        return SqlHistoryRepository(self._database)

    @cached_property
    def tasks(self) -> "SqlTaskRepository":
        from aniworld_sqlite._repositories.tasks import SqlTaskRepository

        return SqlTaskRepository(self._database)

    @cached_property
    def jobs(self) -> "SqlJobRepository":
        from aniworld_sqlite._repositories.jobs import SqlJobRepository

        return SqlJobRepository(self._database)

    @cached_property
    def statistics(self) -> "SqlStatisticsRepository":
        from aniworld_sqlite._repositories.statistics import SqlStatisticsRepository

        return SqlStatisticsRepository(self._database)

    async def has_unfinished_changes(self) -> bool:
        query = sa.text("SELECT 1 FROM library_change WHERE status IN ('running', 'stuck') LIMIT 1")
        return bool(await self._database.read(lambda c: c.execute(query).all()))

    async def ping(self) -> None:
        await self._database.read(lambda connection: connection.execute(sa.text("SELECT 1")).all())
