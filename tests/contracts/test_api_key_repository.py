"""Contract of API key repositories."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.api_keys import ApiKeyRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.api_keys import ApiKeyRepositoryContract
from aniworld_sqlite import open_storage


class TestMemoryApiKeyRepository(ApiKeyRepositoryContract):
    @pytest.fixture
    def repository(self) -> ApiKeyRepository:
        """Return an empty repository in memory."""
        return MemoryStorage().api_keys


class TestSqliteApiKeyRepository(ApiKeyRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[ApiKeyRepository]:
        """Return an empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.api_keys
