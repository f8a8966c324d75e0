"""Contract of metadata repositories."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.metadata import MetadataRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.metadata import MetadataRepositoryContract
from aniworld_sqlite import open_storage


class TestMemoryMetadataRepository(MetadataRepositoryContract):
    @pytest.fixture
    def repository(self) -> MetadataRepository:
        """Return an empty repository in memory."""
        return MemoryStorage().metadata


class TestSqliteMetadataRepository(MetadataRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[MetadataRepository]:
        """Return an empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.metadata
