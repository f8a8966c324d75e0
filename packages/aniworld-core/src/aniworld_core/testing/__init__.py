"""Fakes, factories and contract suites for tests of adapters and programs.

Contract suites and Hypothesis machinery need the extra `aniworld-core[testing]`. Import them from
`aniworld_core.testing.contracts`, `.machines` and `.strategies`. The names exported here work
without pytest and Hypothesis.
"""

from aniworld_core.testing.factories import (
    KEY,
    LEASE,
    START,
    WORKER,
    at,
    make_account,
    make_api_key,
    make_claim,
    make_episode,
    make_failure,
    make_item,
    make_item_id,
    make_series,
    make_session,
)
from aniworld_core.testing.memory import (
    MemoryAccountRepository,
    MemoryApiKeyRepository,
    MemoryChangeJournal,
    MemoryLibraryFileRepository,
    MemoryQueueRepository,
    MemoryScheduleRepository,
    MemoryScoreRepository,
    MemorySeriesRepository,
    MemorySessionRepository,
    MemorySharedStateRepository,
    MemoryStorage,
)

__all__ = [
    "KEY",
    "LEASE",
    "START",
    "WORKER",
    "MemoryAccountRepository",
    "MemoryApiKeyRepository",
    "MemoryChangeJournal",
    "MemoryLibraryFileRepository",
    "MemoryQueueRepository",
    "MemoryScheduleRepository",
    "MemoryScoreRepository",
    "MemorySeriesRepository",
    "MemorySessionRepository",
    "MemorySharedStateRepository",
    "MemoryStorage",
    "at",
    "make_account",
    "make_api_key",
    "make_claim",
    "make_episode",
    "make_failure",
    "make_item",
    "make_item_id",
    "make_series",
    "make_session",
]
