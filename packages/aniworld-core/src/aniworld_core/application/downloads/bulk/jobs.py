"""Start, run, cancel and undo jobs; one runs at a time."""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, cast

import anyio
import attrs

from aniworld_core.application.actors import ActorName, acting_as, current_actor
from aniworld_core.application.downloads.bulk.selection import (
    JobEstimate,
    JobPlanner,
    SeriesSelection,
)
from aniworld_core.application.downloads.bulk.work import SeriesWork, WorkResult
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.application.ticks import next_tick
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import (
    BulkJob,
    JobAction,
    JobKind,
    JobStatus,
    JobStep,
    JobStepState,
)
from aniworld_core.domain.identity import JobId
from aniworld_core.errors import (
    AniworldError,
    InvalidFieldsError,
    JobNotUndoableError,
    SeriesNotFoundError,
    StorageUnavailableError,
)
from aniworld_core.events import JobProgressed, JobStarted
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.change_lock import ChangeLock
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.jobs import JobRepository

logger: logging.Logger = logging.getLogger(__name__)

#: Series that are read and noted at once.
BATCH: Final = 20
#: Jobs that are kept, and can be undone.
KEPT_JOBS: Final = 100
#: Seconds between two events about a running job.
_EVERY: Final = 0.25
#: Seconds between two looks for jobs that another process has stored.
_LOOK_EVERY: Final = 1.0
_RETRY_AFTER: Final = timedelta(seconds=5)
_COMPONENT: Final = "the bulk jobs"

_TO_DO: Final = frozenset({JobStepState.WAITING, JobStepState.BEGUN})
_TO_UNDO: Final = frozenset({JobStepState.DONE, JobStepState.BEGUN})
_BEGUN: Final = frozenset({JobStepState.BEGUN})


@attrs.define(eq=False, kw_only=True)
class BulkJobs:
    """Change many series in the background. `run` must run in a task of its own, or `drain` once.

    State and steps are stored: a job that its process could not finish continues at the next
    start, and can be undone as long as it is kept.
    """

    _jobs: JobRepository
    _planner: JobPlanner
    _works: Mapping[JobKind, SeriesWork]
    _bus: ProgressBus
    _clock: Clock
    _outage: StorageOutage
    _lock: ChangeLock
    _wake: anyio.Event = attrs.field(factory=anyio.Event, init=False)
    #: Held while an undo begins.
    _turn: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)
    _told_at: float = attrs.field(default=float("-inf"), init=False)

    async def estimate(self, action: JobAction, selection: SeriesSelection) -> JobEstimate:
        """Return what `start` would do at present.

        Raises:
            UnsafePathError: If series cannot be in the new folder.
        """
        self._works[action.kind].check(action)
        return (await self._planner.plan(action, selection)).estimate

    async def start(self, action: JobAction, selection: SeriesSelection) -> BulkJob:
        """Store a job; `run` begins it after the earlier ones.

        Raises:
            InvalidFieldsError: If there is nothing to do in any of the series.
            UnsafePathError: If series cannot be in the new folder.
        """
        self._works[action.kind].check(action)
        plan = await self._planner.plan(action, selection)
        if not plan.keys:
            raise InvalidFieldsError([("/selection", Message("selection_empty"))])
        job = BulkJob(
            action=action, actor=current_actor(), at=self._clock.now(), total=len(plan.keys)
        )
        job = await self._jobs.add(job, plan.keys)
        await self._bus.publish(JobStarted(job=job, at=job.at))
        self._wake.set()
        return job

    async def get(self, job_id: JobId) -> BulkJob:
        """Return a job.

        Raises:
            JobNotFoundError: If there is no such job.
        """
        return await self._jobs.get(job_id)

    async def find(self, *, limit: int) -> Sequence[BulkJob]:
        """Return the newest jobs, newest first."""
        return await self._jobs.find(limit=limit)

    async def cancel(self, job_id: JobId) -> BulkJob:
        """Cancel a job after the series that is being changed; changed ones stay changed.

        A job that another process works on is cancelled as well.

        Raises:
            JobNotFoundError: If there is no such job.
        """
        before = await self._jobs.get(job_id)
        job = await self._jobs.cancel(job_id, self._clock.now())
        if job.is_finished and not before.is_finished:
            await self._tell(job)
        # Its process may have been killed.
        self._wake.set()
        return job

    async def undo(self, job_id: JobId) -> BulkJob:
        """Change the series of an ended job back, as far as nobody has changed them since.

        Raises:
            JobNotFoundError: If there is no such job.
            JobNotUndoableError: If it has not ended, or has no changes.
        """
        async with self._turn:
            job = await self._jobs.get(job_id)
            if not job.is_undoable:
                raise JobNotUndoableError(job_id)
            job = attrs.evolve(
                job,
                status=JobStatus.UNDOING,
                finished_at=None,
                total=job.changed,
                done=0,
                failed=0,
                kept=0,
                reason="",
            )
            await self._jobs.save(job)
        await self._tell(job)
        self._wake.set()
        return job

    async def run(self) -> None:
        """Work on the jobs until cancelled."""
        while True:
            self._wake = anyio.Event()
            try:
                await self.drain()
            except StorageUnavailableError as error:
                self._outage.failed(_COMPONENT, error)
                await self._clock.sleep(_RETRY_AFTER)
                continue
            self._outage.recovered(_COMPONENT)
            # Jobs of other processes are found by reading them.
            with anyio.CancelScope(deadline=next_tick(_LOOK_EVERY)):
                await self._wake.wait()

    async def drain(self) -> None:
        """Work on the unfinished jobs, one process at a time, until none is left.

        Raises:
            StorageUnavailableError: If the database or the lock file cannot be used.
        """
        while jobs := await self._jobs.unfinished():
            for job in jobs:
                async with self._lock.hold(None):
                    await self._finish(job.id)
            await self._jobs.prune(KEPT_JOBS)

    async def _finish(self, job_id: JobId) -> None:
        job = await self._jobs.begin(job_id)
        if job.is_finished:
            return  # cancelled while it waited, or finished by another process
        is_undo = job.status is JobStatus.UNDOING
        with acting_as(cast("ActorName", job.actor[0]), job.actor[1]):
            while True:
                job = await self._marked(job)
                states = _TO_UNDO if is_undo else _TO_DO
                # A cancelled job still finishes the series that a killed process was changing.
                if job.is_cancelled:
                    states = _BEGUN
                steps = await self._jobs.steps(job.id, states, limit=BATCH)
                if not steps:
                    break
                job = await (self._undone(job, steps) if is_undo else self._worked(job, steps))
        status = JobStatus.UNDONE if is_undo else JobStatus.DONE
        await self._ended(job, JobStatus.CANCELLED if job.is_cancelled else status)

    async def _marked(self, job: BulkJob) -> BulkJob:
        """Return the job with the mark that any process may have set."""
        stored = await self._jobs.get(job.id)
        return attrs.evolve(job, is_cancelled=stored.is_cancelled)

    async def _ended(self, job: BulkJob, status: JobStatus) -> BulkJob:
        job = attrs.evolve(job, status=status, finished_at=self._clock.now(), is_cancelled=False)
        await self._jobs.save(job)
        await self._tell(job)
        return job

    async def _worked(self, job: BulkJob, steps: Sequence[JobStep]) -> BulkJob:
        """Change the series of some steps; return the job with its new numbers."""
        series = await self._planner.read([step.key for step in steps])
        steps = [await self._noted(job, step, series.get(step.key)) for step in steps]
        await self._jobs.save(job, steps)
        for index, step in enumerate(steps):
            if index and job.is_cancelled:
                # Not reached: as if they had never been noted.
                rest = [attrs.evolve(s, state=JobStepState.WAITING, note={}) for s in steps[index:]]
                await self._jobs.save(job, rest)
                break
            settled, episodes = await self._changed(job, step, series.get(step.key))
            job = _counted(job, settled, episodes)
            # Each at once: what a killed process has not stored cannot be undone.
            await self._jobs.save(job, [settled])
            await self._tell(job)
            job = await self._marked(job)
        return job

    async def _noted(self, job: BulkJob, step: JobStep, series: Series | None) -> JobStep:
        """Return the step with what undo needs; a step from before a crash has it already."""
        if step.state is JobStepState.BEGUN or series is None:
            return step
        note = await self._works[job.action.kind].note(series, job.action)
        return attrs.evolve(step, state=JobStepState.BEGUN, note=note)

    async def _changed(
        self, job: BulkJob, step: JobStep, series: Series | None
    ) -> tuple[JobStep, int]:
        work = self._works[job.action.kind]
        try:
            if series is not None:
                result = await work.apply(series, job.action, step.note)
            elif step.state is JobStepState.BEGUN:
                result = await work.apply_to_gone(step.key, step.note)
            else:
                result = WorkResult(changed=False, note=step.note)
        except SeriesNotFoundError:
            return attrs.evolve(step, state=JobStepState.UNCHANGED), 0
        except StorageUnavailableError:
            raise
        except AniworldError as error:
            return _failed(step, error.message), 0
        except Exception as error:
            logger.exception("job %d failed unexpectedly at %s", job.id, step.key)
            return _failed(step, Message("unexpected", error=repr(error))), 0
        state = JobStepState.DONE if result.changed else JobStepState.UNCHANGED
        return attrs.evolve(step, state=state, note=result.note), result.episodes

    async def _undone(self, job: BulkJob, steps: Sequence[JobStep]) -> BulkJob:
        """Change the series of some steps back; return the job with its new numbers."""
        for index, step in enumerate(steps):
            if index and job.is_cancelled:
                break
            begun = attrs.evolve(step, state=JobStepState.BEGUN)
            await self._jobs.save(job, [begun])
            settled = await self._changed_back(job, step)
            job = _counted_back(job, settled)
            await self._jobs.save(job, [settled])
            await self._tell(job)
            job = await self._marked(job)
        return job

    async def _changed_back(self, job: BulkJob, step: JobStep) -> JobStep:
        try:
            again = step.state is JobStepState.BEGUN
            work = self._works[job.action.kind]
            is_back = await work.undo(step.key, step.note, again=again) or again
        except SeriesNotFoundError:
            is_back = False
        except StorageUnavailableError:
            raise
        except AniworldError as error:
            return _failed(step, error.message)
        except Exception as error:
            logger.exception("undoing job %d failed unexpectedly at %s", job.id, step.key)
            return _failed(step, Message("unexpected", error=repr(error)))
        return attrs.evolve(step, state=JobStepState.UNDONE if is_back else JobStepState.KEPT)

    async def _tell(self, job: BulkJob) -> None:
        """Publish the state of a job; while it runs not too often."""
        now = anyio.current_time()
        if job.is_finished or job.done == 0 or now - self._told_at >= _EVERY:
            self._told_at = now
            await self._bus.publish(JobProgressed(job=job, at=self._clock.now()))


def _failed(step: JobStep, reason: str) -> JobStep:
    return attrs.evolve(step, state=JobStepState.FAILED, reason=reason)


def _counted(job: BulkJob, step: JobStep, episodes: int) -> BulkJob:
    return attrs.evolve(
        job,
        done=job.done + 1,
        changed=job.changed + (step.state is JobStepState.DONE),
        failed=job.failed + (step.state is JobStepState.FAILED),
        episodes=job.episodes + episodes,
        reason=job.reason or step.reason,
    )


def _counted_back(job: BulkJob, step: JobStep) -> BulkJob:
    return attrs.evolve(
        job,
        done=job.done + 1,
        changed=job.changed - (step.state is JobStepState.UNDONE),
        failed=job.failed + (step.state is JobStepState.FAILED),
        kept=job.kept + (step.state is JobStepState.KEPT),
        reason=job.reason or step.reason,
    )
