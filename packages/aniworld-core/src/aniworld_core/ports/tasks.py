"""Storage of the runs of background tasks."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from aniworld_core.domain.automation import TaskOutcome, TaskRun


class TaskRepository(ABC):
    """Store the present and the last run of each task. Every call is one transaction.

    Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def find(self) -> Sequence[TaskRun]:
        """Return the stored runs by name, as they were stored; tasks that never ran have none."""

    @abstractmethod
    async def begin(
        self, name: str, holder: str, *, now: datetime, is_free: bool = False
    ) -> TaskRun | None:
        """Store a new run as `begin_run` says.

        Two callers never both succeed, even from two processes.

        Returns:
            The run; `None` if the task is running.
        """

    @abstractmethod
    async def renew(self, name: str, holder: str, *, until: datetime) -> bool:
        """Extend the lease; return whether *holder* still has it."""

    @abstractmethod
    async def end(
        self,
        name: str,
        holder: str,
        *,
        outcome: TaskOutcome,
        at: datetime | None,
        seconds: float | None,
        result: str,
    ) -> None:
        """Store how the run ended; changes nothing if another process has the lease."""
