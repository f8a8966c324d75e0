"""Every journal of library changes keeps the contract."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aniworld_core.ports.change_journal import ChangeJournal
from aniworld_core.testing import MemoryStorage
from aniworld_core.testing.contracts.change_journal import ChangeJournalContract
from aniworld_sqlite import open_storage


class TestMemoryChangeJournal(ChangeJournalContract):
    @pytest.fixture
    def journal(self) -> ChangeJournal:
        """An empty journal in memory."""
        return MemoryStorage().changes


class TestSqliteChangeJournal(ChangeJournalContract):
    @pytest.fixture
    async def journal(self, tmp_path: Path) -> AsyncIterator[ChangeJournal]:
        """An empty journal in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.changes
