"""Contract of account repositories."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.accounts import AccountRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.accounts import AccountRepositoryContract
from aniworld_sqlite import open_storage


class TestMemoryAccountRepository(AccountRepositoryContract):
    @pytest.fixture
    def repository(self) -> AccountRepository:
        """Return an empty repository in memory."""
        return MemoryStorage().accounts


class TestSqliteAccountRepository(AccountRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[AccountRepository]:
        """Return an empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.accounts
