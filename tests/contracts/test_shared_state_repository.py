"""Contract of shared state repositories."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.shared_state import SharedStateRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.shared_state import SharedStateRepositoryContract
from aniworld_sqlite import open_storage


class TestMemorySharedStateRepository(SharedStateRepositoryContract):
    @pytest.fixture
    def repository(self) -> SharedStateRepository:
        """Return an empty repository in memory."""
        return MemoryStorage().shared


class TestSqliteSharedStateRepository(SharedStateRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[SharedStateRepository]:
        """Return an empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.shared
