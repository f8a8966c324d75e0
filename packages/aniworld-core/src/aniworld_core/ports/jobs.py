"""Storage of bulk jobs."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime

from aniworld_core.domain.downloads import BulkJob, JobStep, JobStepState
from aniworld_core.domain.identity import JobId, SeriesKey


class JobRepository(ABC):
    """Store jobs with one step for each series. Every call is one transaction.

    Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def add(self, job: BulkJob, keys: Sequence[SeriesKey]) -> BulkJob:
        """Store a new job with waiting steps in this order; return it with its id.

        Ids are never used again.
        """

    @abstractmethod
    async def get(self, job_id: JobId) -> BulkJob:
        """Return a job.

        Raises:
            JobNotFoundError: If there is no such job.
        """

    @abstractmethod
    async def find(self, *, limit: int) -> Sequence[BulkJob]:
        """Return the newest jobs, newest first."""

    @abstractmethod
    async def unfinished(self) -> Sequence[BulkJob]:
        """Return the jobs that are waiting, running or being undone, oldest first."""

    @abstractmethod
    async def begin(self, job_id: JobId) -> BulkJob:
        """Make a waiting job a running one, and return the job; others are returned as they are.

        Raises:
            JobNotFoundError: If there is no such job.
        """

    @abstractmethod
    async def cancel(self, job_id: JobId, at: datetime) -> BulkJob:
        """End a waiting job, mark another unfinished one as cancelled, and return the job.

        A finished job stays as it is.

        Raises:
            JobNotFoundError: If there is no such job.
        """

    @abstractmethod
    async def steps(
        self, job_id: JobId, states: Collection[JobStepState], *, limit: int
    ) -> Sequence[JobStep]:
        """Return the first steps in these states, in the order in which they were added."""

    @abstractmethod
    async def save(self, job: BulkJob, steps: Collection[JobStep] = ()) -> None:
        """Replace a job and some of its steps.

        The mark of a cancellation stays until the job is finished.

        Raises:
            JobNotFoundError: If there is no such job; nothing changes.
        """

    @abstractmethod
    async def prune(self, keep: int) -> int:
        """Delete finished jobs with their steps, except for the newest *keep* of all jobs.

        Returns:
            The number of deleted jobs.
        """
