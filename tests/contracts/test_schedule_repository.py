"""Contract of schedule repositories."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from aniworld_core.ports.schedule import ScheduleRepository
from aniworld_core.testing import MemoryStorage, at
from aniworld_core.testing.contracts.schedule import ScheduleRepositoryContract
from aniworld_sqlite import open_storage


class TestMemoryScheduleRepository(ScheduleRepositoryContract):
    @pytest.fixture
    def repository(self) -> ScheduleRepository:
        """Return an empty repository in memory."""
        return MemoryStorage().schedule


class TestSqliteScheduleRepository(ScheduleRepositoryContract):
    @pytest.fixture
    async def repository(self, tmp_path: Path) -> AsyncIterator[ScheduleRepository]:
        """Return an empty repository in a file."""
        async with open_storage(f"sqlite:///{tmp_path}/test.db") as storage:
            yield storage.schedule

    async def test_two_connections_do_not_begin_together(self, tmp_path: Path) -> None:
        """Of two connections to one database only one gets the lease."""
        url = f"sqlite:///{tmp_path}/shared.db"
        async with open_storage(url) as one, open_storage(url) as other:
            for round_ in range(20):
                now, until = at(100 * round_), at(100 * round_ + 60)
                begun: list[str] = []

                async def compete(repository: ScheduleRepository, holder: str) -> None:
                    if await repository.begin(holder, now=now, until=until):  # noqa: B023
                        begun.append(holder)  # noqa: B023

                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(compete, one.schedule, "one")
                    tasks.start_soon(compete, other.schedule, "other")

                assert [(await one.schedule.get()).holder] == begun
