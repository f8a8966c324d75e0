"""Contract of queue repositories, by clauses and against a model."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.storage import Storage
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.listing import QueueListingContract
from aniworld_core.testing.contracts.queue import QueueRepositoryContract
from aniworld_core.testing.machines import QueueRepositoryMachine
from aniworld_sqlite import open_storage


class TestMemoryQueueRepository(QueueRepositoryContract):
    @pytest.fixture
    def repository(self) -> QueueRepository:
        """Return an empty repository in memory."""
        return MemoryStorage().queue


class TestSqliteQueueRepository(QueueRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[QueueRepository]:
        """Return an empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.queue


class TestMemoryQueueListing(QueueListingContract):
    @pytest.fixture
    def storage(self) -> Storage:
        """Return an empty storage in memory."""
        return MemoryStorage()


class TestSqliteQueueListing(QueueListingContract):
    @pytest.fixture
    async def storage(self) -> AsyncIterator[Storage]:
        """Return an empty SQLite database in memory."""
        async with open_storage("sqlite://") as storage:
            yield storage


class MemoryQueueMachine(QueueRepositoryMachine):
    @asynccontextmanager
    async def open_repository(self) -> AsyncIterator[QueueRepository]:
        """Return an empty repository in memory."""
        yield MemoryStorage().queue


class SqliteQueueMachine(QueueRepositoryMachine):
    @asynccontextmanager
    async def open_repository(self) -> AsyncIterator[QueueRepository]:
        """Return an empty SQLite database in memory."""
        async with open_storage("sqlite://") as storage:
            yield storage.queue


TestMemoryQueueMachine = MemoryQueueMachine.TestCase
TestSqliteQueueMachine = SqliteQueueMachine.TestCase
# Each step is several statements; figure M12 takes more of them, with restarts.
TestSqliteQueueMachine.settings = settings(max_examples=15)
