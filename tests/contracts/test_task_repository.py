"""Contract of repositories of background tasks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.tasks import TaskRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.tasks import TaskRepositoryContract
from aniworld_sqlite import open_storage


class TestMemoryTaskRepository(TaskRepositoryContract):
    @pytest.fixture
    def repository(self) -> TaskRepository:
        """Return an empty repository in memory."""
        return MemoryStorage().tasks


class TestSqliteTaskRepository(TaskRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[TaskRepository]:
        """Return an empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.tasks
