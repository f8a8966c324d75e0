"""Storage of bulk jobs."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence

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
    async def steps(
        self, job_id: JobId, states: Collection[JobStepState], *, limit: int
    ) -> Sequence[JobStep]:
        """Return the first steps in these states, in the order in which they were added."""

    @abstractmethod
    async def save(self, job: BulkJob, steps: Collection[JobStep] = ()) -> None:
        """Replace a job and some of its steps.

        Raises:
            JobNotFoundError: If there is no such job; nothing changes.
        """

    @abstractmethod
    async def prune(self, keep: int) -> int:
        """Delete finished jobs with their steps, except for the newest *keep* of all jobs.

        Returns:
            The number of deleted jobs.
        """
