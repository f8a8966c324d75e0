"""Contract of statistics repositories."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.statistics import StatisticsRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.statistics import StatisticsRepositoryContract
from aniworld_sqlite import open_storage


class TestMemoryStatisticsRepository(StatisticsRepositoryContract):
    @pytest.fixture
    def repository(self) -> StatisticsRepository:
        """Return an empty repository in memory."""
        return MemoryStorage().statistics


class TestSqliteStatisticsRepository(StatisticsRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[StatisticsRepository]:
        """Return an empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.statistics
