"""Contract suite of `JobRepository`."""

from typing import ClassVar

import attrs
import pytest

from aniworld_core.domain.downloads import (
    BulkJob,
    JobAction,
    JobKind,
    JobStatus,
    JobStep,
    JobStepState,
    SeasonChoice,
)
from aniworld_core.domain.identity import JobId, SeriesKey
from aniworld_core.domain.media import ENG_SUB, GER_DUB, Quality
from aniworld_core.errors import JobNotFoundError
from aniworld_core.messages import Message, kind_of, values_of
from aniworld_core.ports.jobs import JobRepository
from aniworld_core.testing.factories import at

_KEYS = (SeriesKey("zulu"), SeriesKey("alpha"), SeriesKey("mike"))
_JOB = BulkJob(
    action=JobAction(kind=JobKind.DOWNLOAD), actor=("api_key", "phone"), at=at(1), total=3
)
_ALL = frozenset(JobStepState)


class JobRepositoryContract:
    """Subclass it and provide an async fixture `repository` with an empty repository."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.mark.parametrize(
        "action",
        [
            JobAction(kind=JobKind.DOWNLOAD, monitored_only=True),
            JobAction(kind=JobKind.REMOVE, files=True),
            JobAction(kind=JobKind.EDIT, monitored=False, languages=(), quality="", parent=""),
            JobAction(
                kind=JobKind.EDIT,
                monitored=True,
                languages=(GER_DUB, ENG_SUB),
                quality=Quality.P720,
                parent="Ü/100 %",
                seasons=SeasonChoice.LATEST,
            ),
        ],
    )
    async def test_a_job_is_returned_unchanged(
        self, repository: JobRepository, action: JobAction
    ) -> None:
        """Every field and the order of the steps are stored."""
        job = attrs.evolve(
            _JOB,
            action=action,
            status=JobStatus.CANCELLED,
            finished_at=at(2.000001),
            done=2,
            changed=1,
            failed=1,
            kept=4,
            episodes=17,
        )

        added = await repository.add(job, _KEYS)

        assert added == attrs.evolve(job, id=added.id)
        assert await repository.get(added.id) == added
        steps = await repository.steps(added.id, _ALL, limit=10)
        assert list(steps) == [JobStep(key=key) for key in _KEYS]

    async def test_steps_are_found_by_state(self, repository: JobRepository) -> None:
        """A saved step replaces that of its series, with note and reason; others stay."""
        job = await repository.add(_JOB, _KEYS)
        other = await repository.add(_JOB, _KEYS)
        failed = JobStep(
            key=_KEYS[1],
            state=JobStepState.FAILED,
            note={"items": ["a", 1, None], "folder": "Ü"},
            reason=Message("http_status", status=404),
        )
        moved = attrs.evolve(job, status=JobStatus.RUNNING, done=1, reason=failed.reason)

        await repository.save(moved, [failed])

        (found,) = await repository.steps(job.id, {JobStepState.FAILED}, limit=10)
        assert found == failed
        assert (kind_of(found.reason), values_of(found.reason)) == ("http_status", {"status": 404})
        assert await repository.get(job.id) == moved
        waiting = await repository.steps(job.id, {JobStepState.WAITING}, limit=1)
        assert [step.key for step in waiting] == [_KEYS[0]]
        assert len(await repository.steps(other.id, {JobStepState.WAITING}, limit=10)) == 3

    async def test_a_waiting_job_begins_and_ends(self, repository: JobRepository) -> None:
        """Only a waiting job begins; a cancelled one that waits is finished at once."""
        first, second = [await repository.add(_JOB, _KEYS) for _ in range(2)]

        begun = await repository.begin(first.id)
        ended = await repository.cancel(second.id, at(3))

        assert begun == attrs.evolve(first, status=JobStatus.RUNNING)
        assert await repository.begin(first.id) == begun
        assert ended == attrs.evolve(second, status=JobStatus.CANCELLED, finished_at=at(3))
        assert await repository.begin(second.id) == ended
        assert await repository.cancel(second.id, at(4)) == ended
        assert [await repository.get(job.id) for job in (first, second)] == [begun, ended]

    @pytest.mark.parametrize("status", [JobStatus.RUNNING, JobStatus.UNDOING])
    async def test_a_mark_stays_until_the_job_is_finished(
        self, repository: JobRepository, status: JobStatus
    ) -> None:
        """Its process finds the mark, and cannot remove it by storing progress."""
        job = await repository.add(attrs.evolve(_JOB, status=status), _KEYS)

        marked = await repository.cancel(job.id, at(3))
        await repository.save(attrs.evolve(job, done=1))

        assert marked == attrs.evolve(job, is_cancelled=True)
        assert await repository.get(job.id) == attrs.evolve(marked, done=1)
        done = attrs.evolve(job, status=JobStatus.DONE, finished_at=at(4))
        await repository.save(done)
        assert await repository.get(job.id) == done

    async def test_jobs_are_listed(self, repository: JobRepository) -> None:
        """The newest come first; unfinished ones are listed in the order of their work."""
        jobs = [
            await repository.add(attrs.evolve(_JOB, status=status), _KEYS) for status in JobStatus
        ]

        assert list(await repository.find(limit=2)) == [jobs[-1], jobs[-2]]
        assert list(await repository.unfinished()) == [job for job in jobs if not job.is_finished]

    async def test_unknown_jobs(self, repository: JobRepository) -> None:
        """An unknown id raises an error, and stores nothing."""
        with pytest.raises(JobNotFoundError, match="4711"):
            await repository.get(JobId(4711))
        with pytest.raises(JobNotFoundError):
            await repository.save(attrs.evolve(_JOB, id=JobId(4711)), [JobStep(key=_KEYS[0])])
        with pytest.raises(JobNotFoundError):
            await repository.begin(JobId(4711))
        with pytest.raises(JobNotFoundError):
            await repository.cancel(JobId(4711), at(1))
        assert not await repository.steps(JobId(4711), _ALL, limit=1)
        assert not await repository.find(limit=1)

    async def test_old_jobs_are_deleted(self, repository: JobRepository) -> None:
        """The newest and the unfinished ones stay; ids are not used again."""
        done = attrs.evolve(_JOB, status=JobStatus.DONE)
        jobs = [await repository.add(job, _KEYS) for job in (done, _JOB, done, done)]

        assert await repository.prune(1) == 2
        assert await repository.prune(1) == 0

        assert list(await repository.find(limit=10)) == [jobs[3], jobs[1]]
        assert not await repository.steps(jobs[0].id, _ALL, limit=10)
        await repository.save(attrs.evolve(jobs[1], status=JobStatus.DONE))
        assert await repository.prune(0) == 2
        assert (await repository.add(_JOB, ())).id > jobs[3].id

    async def test_many_series(self, repository: JobRepository) -> None:
        """A job has more series than one SQL statement takes variables."""
        keys = [SeriesKey(f"s-{n}") for n in range(12_000)]
        job = await repository.add(attrs.evolve(_JOB, total=len(keys)), keys)

        await repository.save(job, [JobStep(key=key, state=JobStepState.DONE) for key in keys[:-1]])

        (last,) = await repository.steps(job.id, {JobStepState.WAITING}, limit=5)
        assert last.key == keys[-1]
