"""Contract of session repositories."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.sessions import SessionRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.sessions import SessionRepositoryContract
from aniworld_sqlite import open_storage


class TestMemorySessionRepository(SessionRepositoryContract):
    @pytest.fixture
    def repository(self) -> SessionRepository:
        """Return an empty repository in memory."""
        return MemoryStorage().sessions


class TestSqliteSessionRepository(SessionRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[SessionRepository]:
        """Return an empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.sessions
