"""Contract suite of `ScheduleRepository`."""

from typing import ClassVar

import anyio
import pytest

from aniworld_core.domain.automation import ScheduleState
from aniworld_core.ports.schedule import ScheduleRepository
from aniworld_core.testing.factories import at


class ScheduleRepositoryContract:
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_nothing_is_remembered_at_first(self, repository: ScheduleRepository) -> None:
        """An empty repository returns the defaults."""
        assert await repository.get() == ScheduleState()

    async def test_begin_takes_the_right(self, repository: ScheduleRepository) -> None:
        """`begin` stores the holder, the start and the end of the lease."""
        assert await repository.begin("a", now=at(1.000001), until=at(60))

        assert await repository.get() == ScheduleState(
            last_run=at(1.000001), holder="a", held_until=at(60)
        )

    async def test_end_keeps_the_result(self, repository: ScheduleRepository) -> None:
        """`end` releases the lease and stores the result; the next `begin` clears it."""
        await repository.begin("a", now=at(1), until=at(60))

        await repository.end("a", "12 series, größer")

        assert await repository.get() == ScheduleState(
            last_run=at(1), last_result="12 series, größer"
        )
        assert await repository.begin("b", now=at(2), until=at(60))
        assert await repository.get() == ScheduleState(
            last_run=at(2), holder="b", held_until=at(60)
        )

    async def test_begin_refuses_while_it_is_held(self, repository: ScheduleRepository) -> None:
        """Another holder is refused until the lease ends; nothing changes."""
        await repository.begin("a", now=at(0), until=at(60))
        held = await repository.get()

        assert not await repository.begin("b", now=at(59), until=at(120))

        assert await repository.get() == held

    async def test_begin_succeeds_a_dead_holder(self, repository: ScheduleRepository) -> None:
        """Another holder succeeds once the lease has ended."""
        await repository.begin("a", now=at(0), until=at(60))

        assert await repository.begin("b", now=at(60), until=at(120))

        assert await repository.get() == ScheduleState(
            last_run=at(60), holder="b", held_until=at(120)
        )

    async def test_the_holder_holds_on(self, repository: ScheduleRepository) -> None:
        """The holder renews the lease; `last_run` stays."""
        await repository.begin("a", now=at(0), until=at(60))

        assert await repository.begin("a", now=at(30), until=at(90))

        assert await repository.get() == ScheduleState(
            last_run=at(0), holder="a", held_until=at(90)
        )

    async def test_end_by_somebody_else_changes_nothing(
        self, repository: ScheduleRepository
    ) -> None:
        """`end` of another process changes nothing."""
        await repository.begin("b", now=at(0), until=at(60))
        held = await repository.get()

        await repository.end("a", "mine")

        assert await repository.get() == held

    async def test_of_many_one_begins(self, repository: ScheduleRepository) -> None:
        """Of many concurrent callers exactly one gets the lease."""
        winners: list[str] = []

        async def compete(holder: str) -> None:
            if await repository.begin(holder, now=at(0), until=at(60)):
                winners.append(holder)

        async with anyio.create_task_group() as tasks:
            for number in range(10):
                tasks.start_soon(compete, f"holder-{number}")

        assert [(await repository.get()).holder] == winners
