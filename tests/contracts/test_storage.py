"""Contract of whole storages: in memory, and in SQLite files that several processes open."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.storage import Storage, StorageFactory
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.shared_storage import (
    SharedStorageContract,
    StorageProcessesContract,
)
from aniworld_core.testing.contracts.storage import RoundTripContract, StorageContract
from aniworld_sqlite import open_storage as open_sqlite
from support.thorough import only_thorough


class TestMemoryStorage(StorageContract):
    @pytest.fixture
    def storage(self) -> Storage:
        """Return an empty storage in memory."""
        return MemoryStorage()


class TestSqliteStorage(StorageContract, RoundTripContract):
    @pytest.fixture
    async def storage(self) -> AsyncIterator[Storage]:
        """Return an empty SQLite database in memory."""
        async with open_sqlite("sqlite://") as storage:
            yield storage


class SqliteFile:
    @pytest.fixture
    def open_storage(self) -> StorageFactory:
        """Return the function behind `DATABASE_URL=sqlite:…`."""
        return open_sqlite

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        """Return the URL of a file that does not exist yet."""
        return f"sqlite:///{tmp_path}/test.db"


class TestSharedSqliteStorage(SqliteFile, SharedStorageContract):
    @pytest.fixture
    def unreachable_url(self, tmp_path: Path) -> str:
        """Return the URL of a file in a folder that cannot exist."""
        (tmp_path / "file").touch()
        return f"sqlite:///{tmp_path}/file/test.db"


@only_thorough
class TestSqliteStorageProcesses(SqliteFile, StorageProcessesContract):
    pass
