"""Every repository of library files keeps the contract."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.library_files import LibraryFileRepositoryContract
from aniworld_sqlite import open_storage


class TestMemoryLibraryFileRepository(LibraryFileRepositoryContract):
    @pytest.fixture
    def repository(self) -> LibraryFileRepository:
        """An empty repository in memory."""
        return MemoryStorage().files


class TestSqliteLibraryFileRepository(LibraryFileRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[LibraryFileRepository]:
        """An empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.files
