"""The time, as something that can be replaced."""

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells and waits."""

    def now(self) -> datetime:
        """The present moment as an aware UTC time."""
        ...

    async def sleep(self, delay: timedelta) -> None:
        """Wait; zero and negative delays only yield to other tasks."""
        ...
