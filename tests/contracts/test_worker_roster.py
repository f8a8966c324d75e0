"""Contract of worker rosters."""

from pathlib import Path

import pytest

from aniworld_core.adapters.worker_roster import FileWorkerRoster
from aniworld_core.ports.workers import WorkerRoster
from aniworld_core.testing.contracts.workers import WorkerRosterContract
from aniworld_core.testing.fakes import MemoryWorkerRoster


class TestFileWorkerRoster(WorkerRosterContract):
    @pytest.fixture
    def roster(self, tmp_path: Path) -> WorkerRoster:
        """Return the roster of a data folder."""
        return FileWorkerRoster(tmp_path / "workers")

    @pytest.fixture
    def observer(self, tmp_path: Path) -> WorkerRoster:
        """Return the roster of the same folder in another process."""
        return FileWorkerRoster(tmp_path / "workers")


class TestMemoryWorkerRoster(WorkerRosterContract):
    @pytest.fixture
    def roster(self) -> WorkerRoster:
        """Return a roster in memory."""
        return MemoryWorkerRoster()

    @pytest.fixture
    def observer(self, roster: WorkerRoster) -> WorkerRoster:
        """Return the same roster: memory has one handle."""
        return roster
