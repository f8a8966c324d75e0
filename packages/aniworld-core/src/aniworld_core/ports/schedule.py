"""Where the periodic scan remembers when it ran."""

from abc import ABC, abstractmethod
from datetime import datetime

from aniworld_core.domain.automation import ScheduleState


class ScheduleRepository(ABC):
    """Keeps the one schedule. Every call is one transaction.

    Any method may raise `StorageUnavailableError`.
    """

    @abstractmethod
    async def get(self) -> ScheduleState:
        """Return what is remembered; the defaults before the first run."""

    @abstractmethod
    async def begin(self, holder: str, *, now: datetime, until: datetime) -> bool:
        """Take the right to run, if nobody holds it at *now*.

        What is stored then is what `ScheduleState.begin` says: `last_run` is *now*,
        `last_result` is empty and *holder* holds it until *until*. Two callers never both
        succeed, also not from two processes. While the right lasts, the holder may call again
        to hold on for longer; `last_run` then stays.

        Returns:
            Whether *holder* holds it now.
        """

    @abstractmethod
    async def end(self, holder: str, result: str) -> None:
        """Give the right back with the result; changes nothing when somebody else holds it."""
