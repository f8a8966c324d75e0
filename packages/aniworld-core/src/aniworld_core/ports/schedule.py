"""Storage of the schedule of scans."""

from abc import ABC, abstractmethod
from datetime import datetime

from aniworld_core.domain.automation import ScheduleState


class ScheduleRepository(ABC):
    """Store the schedule. Every call is one transaction.

    Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def get(self) -> ScheduleState:
        """Return the stored state; the defaults before the first scan."""

    @abstractmethod
    async def begin(self, holder: str, *, now: datetime, until: datetime) -> bool:
        """Take the lease of the scan, if no process holds it at *now*.

        The stored state is then that of `ScheduleState.begin`: `last_run` is *now*, `last_result`
        is empty and *holder* has the lease until *until*. Two callers never both succeed, even
        from two processes. The holder may call again to renew the lease; `last_run` then stays.

        Returns:
            Whether *holder* has the lease.
        """

    @abstractmethod
    async def end(self, holder: str, result: str) -> None:
        """Release the lease with the result; changes nothing if another process has it."""
