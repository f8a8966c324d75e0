"""Contract of score repositories."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.scores import ScoreRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.scores import ScoreRepositoryContract
from aniworld_sqlite import open_storage


class TestMemoryScoreRepository(ScoreRepositoryContract):
    @pytest.fixture
    def repository(self) -> ScoreRepository:
        """Return an empty repository in memory."""
        return MemoryStorage().scores


class TestSqliteScoreRepository(ScoreRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[ScoreRepository]:
        """Return an empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.scores
