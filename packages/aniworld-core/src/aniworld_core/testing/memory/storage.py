"""Storage in memory: for tests, and for programs that need no persistence.

It passes the same contract suites as a database. Nothing is awaited between reading and writing, so
every call is atomic for the tasks of one event loop; it is not thread-safe.
"""

import anyio.lowlevel
import attrs

from aniworld_core.ports.storage import Storage
from aniworld_core.testing.memory.access import (
    MemoryAccountRepository,
    MemoryApiKeyRepository,
    MemoryScheduleRepository,
    MemoryScoreRepository,
    MemorySessionRepository,
    MemorySharedStateRepository,
)
from aniworld_core.testing.memory.changes import MemoryChangeJournal
from aniworld_core.testing.memory.history import MemoryHistoryRepository
from aniworld_core.testing.memory.jobs import MemoryJobRepository
from aniworld_core.testing.memory.library_files import MemoryLibraryFileRepository
from aniworld_core.testing.memory.metadata import MemoryMetadataRepository
from aniworld_core.testing.memory.queue import MemoryQueueRepository
from aniworld_core.testing.memory.series import MemorySeriesRepository
from aniworld_core.testing.memory.statistics import MemoryStatisticsRepository
from aniworld_core.testing.memory.tasks import MemoryTaskRepository
from aniworld_core.testing.memory.versions import MemoryVersionRepository


@attrs.define(eq=False)
class MemoryStorage(Storage):
    """Storage whose data is lost with the object."""

    _series: MemorySeriesRepository = attrs.field(factory=MemorySeriesRepository, init=False)
    _queue: MemoryQueueRepository = attrs.field(
        default=attrs.Factory(lambda self: MemoryQueueRepository(self._series), takes_self=True),
        init=False,
    )
    _sessions: MemorySessionRepository = attrs.field(factory=MemorySessionRepository, init=False)
    _accounts: MemoryAccountRepository = attrs.field(factory=MemoryAccountRepository, init=False)
    _api_keys: MemoryApiKeyRepository = attrs.field(factory=MemoryApiKeyRepository, init=False)
    _schedule: MemoryScheduleRepository = attrs.field(factory=MemoryScheduleRepository, init=False)
    _shared: MemorySharedStateRepository = attrs.field(
        factory=MemorySharedStateRepository, init=False
    )
    _scores: MemoryScoreRepository = attrs.field(factory=MemoryScoreRepository, init=False)
    _changes: MemoryChangeJournal = attrs.field(factory=MemoryChangeJournal, init=False)

    _files: MemoryLibraryFileRepository = attrs.field(
        factory=MemoryLibraryFileRepository, init=False
    )
    _metadata: MemoryMetadataRepository = attrs.field(factory=MemoryMetadataRepository, init=False)
    _history: MemoryHistoryRepository = attrs.field(factory=MemoryHistoryRepository, init=False)
    _statistics: MemoryStatisticsRepository = attrs.field(
        factory=MemoryStatisticsRepository, init=False
    )
    _tasks: MemoryTaskRepository = attrs.field(factory=MemoryTaskRepository, init=False)
    _jobs: MemoryJobRepository = attrs.field(factory=MemoryJobRepository, init=False)
    _versions: MemoryVersionRepository = attrs.field(factory=MemoryVersionRepository, init=False)

    @property
    def series(self) -> MemorySeriesRepository:
        return self._series

    @property
    def queue(self) -> MemoryQueueRepository:
        return self._queue

    @property
    def sessions(self) -> MemorySessionRepository:
        return self._sessions

    @property
    def accounts(self) -> MemoryAccountRepository:
        return self._accounts

    @property
    def api_keys(self) -> MemoryApiKeyRepository:
        return self._api_keys

    @property
    def schedule(self) -> MemoryScheduleRepository:
        return self._schedule

    @property
    def shared(self) -> MemorySharedStateRepository:
        return self._shared

    @property
    def scores(self) -> MemoryScoreRepository:
        return self._scores

    @property
    def files(self) -> MemoryLibraryFileRepository:
        return self._files

    @property
    def changes(self) -> MemoryChangeJournal:
        return self._changes

    @property
    def metadata(self) -> MemoryMetadataRepository:
        return self._metadata

    @property
    def versions(self) -> MemoryVersionRepository:
        return self._versions

    @property
    def history(self) -> MemoryHistoryRepository:
        return self._history

    @property
    def tasks(self) -> MemoryTaskRepository:
        return self._tasks

    @property
    def jobs(self) -> MemoryJobRepository:
        return self._jobs

    @property
    def statistics(self) -> MemoryStatisticsRepository:
        return self._statistics

    async def ping(self) -> None:
        await anyio.lowlevel.checkpoint()
