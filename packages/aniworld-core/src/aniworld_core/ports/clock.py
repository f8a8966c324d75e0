"""Clock that tests can replace."""

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Return the time and sleep."""

    def now(self) -> datetime:
        """Return the current time as an aware UTC time."""
        ...

    async def sleep(self, delay: timedelta) -> None:
        """Sleep; zero and negative delays only yield to other tasks."""
        ...
