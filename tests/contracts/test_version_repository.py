"""Contract of version repositories."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.versions import VersionRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.versions import VersionRepositoryContract
from aniworld_sqlite import open_storage


class TestMemoryVersionRepository(VersionRepositoryContract):
    @pytest.fixture
    def repository(self) -> VersionRepository:
        """Return an empty repository in memory."""
        return MemoryStorage().versions


class TestSqliteVersionRepository(VersionRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[VersionRepository]:
        """Return an empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.versions
