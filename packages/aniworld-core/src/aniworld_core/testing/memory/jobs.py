"""Bulk jobs in memory."""

import itertools
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import anyio.lowlevel
import attrs

from aniworld_core.domain.downloads import BulkJob, JobStatus, JobStep, JobStepState
from aniworld_core.domain.identity import JobId, SeriesKey
from aniworld_core.errors import JobNotFoundError
from aniworld_core.ports.jobs import JobRepository


@attrs.define(eq=False)
class MemoryJobRepository(JobRepository):
    """Jobs and their steps in dicts."""

    _jobs: dict[JobId, BulkJob] = attrs.field(factory=dict, init=False)
    _steps: dict[JobId, dict[SeriesKey, JobStep]] = attrs.field(factory=dict, init=False)
    _ids: Iterator[int] = attrs.field(factory=lambda: itertools.count(1), init=False)

    async def add(self, job: BulkJob, keys: Sequence[SeriesKey]) -> BulkJob:
        await anyio.lowlevel.checkpoint()
        stored = attrs.evolve(job, id=JobId(next(self._ids)))
        self._jobs[stored.id] = stored
        self._steps[stored.id] = {key: JobStep(key=key) for key in keys}
        return stored

    async def get(self, job_id: JobId) -> BulkJob:
        await anyio.lowlevel.checkpoint()
        self._require(job_id)
        return self._jobs[job_id]

    async def find(self, *, limit: int) -> Sequence[BulkJob]:
        await anyio.lowlevel.checkpoint()
        return tuple(self._jobs[i] for i in sorted(self._jobs, reverse=True)[:limit])

    async def unfinished(self) -> Sequence[BulkJob]:
        await anyio.lowlevel.checkpoint()
        return tuple(job for _, job in sorted(self._jobs.items()) if not job.is_finished)

    async def steps(
        self, job_id: JobId, states: Collection[JobStepState], *, limit: int
    ) -> Sequence[JobStep]:
        await anyio.lowlevel.checkpoint()
        steps = self._steps.get(job_id, {}).values()
        return tuple(step for step in steps if step.state in states)[:limit]

    async def begin(self, job_id: JobId) -> BulkJob:
        await anyio.lowlevel.checkpoint()
        self._require(job_id)
        job = self._jobs[job_id]
        if job.status is JobStatus.WAITING:
            job = self._jobs[job_id] = attrs.evolve(job, status=JobStatus.RUNNING)
        return job

    async def cancel(self, job_id: JobId, at: datetime) -> BulkJob:
        await anyio.lowlevel.checkpoint()
        self._require(job_id)
        job = self._jobs[job_id]
        if job.status is JobStatus.WAITING:
            job = attrs.evolve(job, status=JobStatus.CANCELLED, finished_at=at)
        elif not job.is_finished:
            job = attrs.evolve(job, is_cancelled=True)
        self._jobs[job_id] = job
        return job

    async def save(self, job: BulkJob, steps: Collection[JobStep] = ()) -> None:
        await anyio.lowlevel.checkpoint()
        self._require(job.id)
        mark = self._jobs[job.id].is_cancelled and not job.is_finished
        self._jobs[job.id] = attrs.evolve(job, is_cancelled=mark)
        self._steps[job.id] |= {step.key: step for step in steps}

    async def prune(self, keep: int) -> int:
        await anyio.lowlevel.checkpoint()
        old = sorted(self._jobs, reverse=True)[keep:]
        gone = [job_id for job_id in old if self._jobs[job_id].is_finished]
        for job_id in gone:
            del self._jobs[job_id], self._steps[job_id]
        return len(gone)

    def _require(self, job_id: JobId) -> None:
        if job_id not in self._jobs:
            raise JobNotFoundError(job_id)
