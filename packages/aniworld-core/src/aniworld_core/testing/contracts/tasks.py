"""Contract suite of `TaskRepository`."""

from typing import ClassVar

import anyio
import attrs
import pytest

from aniworld_core.domain.automation import TASK_LEASE, TaskOutcome, TaskRun
from aniworld_core.messages import Message, kind_of
from aniworld_core.ports.tasks import TaskRepository
from aniworld_core.testing.factories import at


class TaskRepositoryContract:
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_a_run_is_stored_from_its_start_to_its_end(
        self, repository: TaskRepository
    ) -> None:
        """The lease is stored at the start, and the result with its kind at the end."""
        assert list(await repository.find()) == []

        begun = await repository.begin("copy", "a", now=at(1.000001))
        assert begun == TaskRun(
            name="copy", started_at=at(1.000001), holder="a", held_until=at(1.000001) + TASK_LEASE
        )
        assert list(await repository.find()) == [begun]

        result = Message("scan_failed", reason="it is dark")
        await repository.end(
            "copy", "a", outcome=TaskOutcome.FAILED, at=at(9), seconds=7.5, result=result
        )
        (run,) = await repository.find()
        assert run == attrs.evolve(
            begun,
            holder="",
            held_until=None,
            finished_at=at(9),
            seconds=7.5,
            outcome=TaskOutcome.FAILED,
            result=result,
        )
        assert kind_of(run.result) == "scan_failed"

    async def test_the_last_result_stays_during_the_next_run(
        self, repository: TaskRepository
    ) -> None:
        """The result is replaced only when the next run ends."""
        await _ran(repository, "copy", result="first")

        await repository.begin("copy", "b", now=at(20))

        (run,) = await repository.find()
        assert (run.started_at, run.result) == (at(20), "first")

    async def test_a_running_task_is_not_started_again(self, repository: TaskRepository) -> None:
        """Neither another process nor the same one can start it; other tasks are free."""
        await repository.begin("copy", "a", now=at(1))

        assert await repository.begin("copy", "b", now=at(2)) is None
        assert await repository.begin("copy", "a", now=at(2)) is None
        assert await repository.begin("bin", "b", now=at(2)) is not None
        assert await repository.begin("copy", "b", now=at(2), is_free=True) is not None
        assert [run.name for run in await repository.find()] == ["bin", "copy"]

    async def test_only_one_of_many_starts_it(self, repository: TaskRepository) -> None:
        """Of competing callers exactly one gets the task."""
        started: list[str] = []

        async def compete(holder: str) -> None:
            if await repository.begin("copy", holder, now=at(1)) is not None:
                started.append(holder)

        async with anyio.create_task_group() as tasks:
            for number in range(8):
                tasks.start_soon(compete, f"holder-{number}")
        assert len(started) == 1

    async def test_the_lease_expires_unless_it_is_renewed(self, repository: TaskRepository) -> None:
        """The run of a process that ended is interrupted; a renewed lease lasts longer."""
        await repository.begin("copy", "a", now=at(0))
        assert await repository.renew("copy", "a", until=at(60) + TASK_LEASE)
        assert not await repository.renew("copy", "b", until=at(900))
        assert not await repository.renew("other", "a", until=at(900))
        assert await repository.begin("copy", "b", now=at(0) + TASK_LEASE) is None

        taken = await repository.begin("copy", "b", now=at(60) + TASK_LEASE)
        assert taken is not None
        assert (taken.holder, taken.outcome) == ("b", TaskOutcome.INTERRUPTED)

    async def test_the_end_of_a_lost_run_changes_nothing(self, repository: TaskRepository) -> None:
        """A process that lost the lease does not replace the run of the other one."""
        await repository.begin("copy", "a", now=at(1))
        await repository.begin("copy", "b", now=at(2), is_free=True)
        before = list(await repository.find())

        outcome = TaskOutcome.COMPLETED
        await repository.end("copy", "a", outcome=outcome, at=at(3), seconds=2, result="late")
        await repository.end("other", "a", outcome=outcome, at=at(3), seconds=2, result="late")

        assert list(await repository.find()) == before


async def _ran(repository: TaskRepository, name: str, *, result: str) -> None:
    await repository.begin(name, "a", now=at(1))
    await repository.end(
        name, "a", outcome=TaskOutcome.COMPLETED, at=at(2), seconds=1, result=result
    )
