"""Every session repository keeps the contract."""

import pytest

from aniworld_core.ports.sessions import SessionRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.sessions import SessionRepositoryContract


class TestMemorySessionRepository(SessionRepositoryContract):
    @pytest.fixture
    def repository(self) -> SessionRepository:
        return MemoryStorage().sessions
