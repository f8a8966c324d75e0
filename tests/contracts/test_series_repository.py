"""Contract of series repositories."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.series import SeriesRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.series import SeriesRepositoryContract
from aniworld_sqlite import open_storage


class TestMemorySeriesRepository(SeriesRepositoryContract):
    @pytest.fixture
    def repository(self) -> SeriesRepository:
        """Return an empty repository in memory."""
        return MemoryStorage().series


class TestSqliteSeriesRepository(SeriesRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[SeriesRepository]:
        """Return an empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.series
