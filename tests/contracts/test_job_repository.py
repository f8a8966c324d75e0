"""Contract of job repositories."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.jobs import JobRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.jobs import JobRepositoryContract
from aniworld_sqlite import open_storage


class TestMemoryJobRepository(JobRepositoryContract):
    @pytest.fixture
    def repository(self) -> JobRepository:
        """Return an empty repository in memory."""
        return MemoryStorage().jobs


class TestSqliteJobRepository(JobRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[JobRepository]:
        """Return an empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.jobs
