"""Contract of history repositories."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.history import HistoryRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.history import HistoryRepositoryContract
from aniworld_sqlite import open_storage


class TestMemoryHistoryRepository(HistoryRepositoryContract):
    @pytest.fixture
    def repository(self) -> HistoryRepository:
        """Return an empty repository in memory."""
        return MemoryStorage().history


class TestSqliteHistoryRepository(HistoryRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[HistoryRepository]:
        """Return an empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.history
