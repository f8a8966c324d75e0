"""Contract of configuration stores."""

from pathlib import Path

import pytest

from aniworld_core.adapters.json_config_store import JsonConfigStore
from aniworld_core.ports.config import ConfigStore
from aniworld_core.testing.contracts.config import ConfigStoreContract
from aniworld_core.testing.fakes import MemoryConfigStore


class TestJsonConfigStore(ConfigStoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> ConfigStore:
        """Return a store whose folder does not exist yet."""
        return JsonConfigStore(tmp_path / "data" / "config.json")


class TestMemoryConfigStore(ConfigStoreContract):
    @pytest.fixture
    async def store(self) -> ConfigStore:
        """Return a store in memory."""
        return MemoryConfigStore()
