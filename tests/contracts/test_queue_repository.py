"""Every queue repository keeps the contract, by its clauses and against a model."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from aniworld_core.ports.queue import QueueRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.queue import QueueRepositoryContract
from aniworld_core.testing.machines import QueueRepositoryMachine


class TestMemoryQueueRepository(QueueRepositoryContract):
    @pytest.fixture
    def repository(self) -> QueueRepository:
        return MemoryStorage().queue


class MemoryQueueMachine(QueueRepositoryMachine):
    @asynccontextmanager
    async def open_repository(self) -> AsyncIterator[QueueRepository]:
        yield MemoryStorage().queue


TestMemoryQueueMachine = MemoryQueueMachine.TestCase
