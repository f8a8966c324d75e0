"""System clock."""

from datetime import UTC, datetime, timedelta

import anyio

from aniworld_core.ports.clock import Clock


class SystemClock(Clock):
    """Clock with the system time; sleeps in real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, delay: timedelta) -> None:
        await anyio.sleep(max(delay.total_seconds(), 0.0))
