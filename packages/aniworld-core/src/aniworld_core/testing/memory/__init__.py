"""Storage, configuration and library kept in memory; they pass the contract suites."""

from aniworld_core.testing.memory.access import (
    MemoryAccountRepository,
    MemoryApiKeyRepository,
    MemoryScheduleRepository,
    MemoryScoreRepository,
    MemorySessionRepository,
    MemorySharedStateRepository,
)
from aniworld_core.testing.memory.changes import MemoryChangeJournal
from aniworld_core.testing.memory.config import MemoryConfigStore
from aniworld_core.testing.memory.history import MemoryHistoryRepository
from aniworld_core.testing.memory.library import FakeLibrary
from aniworld_core.testing.memory.library_files import MemoryLibraryFileRepository
from aniworld_core.testing.memory.metadata import MemoryMetadataRepository
from aniworld_core.testing.memory.queue import MemoryQueueRepository
from aniworld_core.testing.memory.series import MemorySeriesRepository
from aniworld_core.testing.memory.statistics import MemoryStatisticsRepository
from aniworld_core.testing.memory.storage import MemoryStorage
from aniworld_core.testing.memory.tasks import MemoryTaskRepository
from aniworld_core.testing.memory.versions import MemoryVersionRepository

__all__ = [
    "FakeLibrary",
    "MemoryAccountRepository",
    "MemoryApiKeyRepository",
    "MemoryChangeJournal",
    "MemoryConfigStore",
    "MemoryHistoryRepository",
    "MemoryLibraryFileRepository",
    "MemoryMetadataRepository",
    "MemoryQueueRepository",
    "MemoryScheduleRepository",
    "MemoryScoreRepository",
    "MemorySeriesRepository",
    "MemorySessionRepository",
    "MemorySharedStateRepository",
    "MemoryStatisticsRepository",
    "MemoryStorage",
    "MemoryTaskRepository",
    "MemoryVersionRepository",
]
