"""Every series repository keeps the contract."""

import pytest

from aniworld_core.ports.series import SeriesRepository
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.series import SeriesRepositoryContract


class TestMemorySeriesRepository(SeriesRepositoryContract):
    @pytest.fixture
    def repository(self) -> SeriesRepository:
        return MemoryStorage().series
