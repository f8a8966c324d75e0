"""A clock that runs faster than real time."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

import anyio
import attrs

from aniworld_core.ports.clock import Clock

#: Slow enough for what the application does every second, fast enough not to be waited for.
SPEED: Final = 10


@attrs.define(eq=False)
class HurriedClock(Clock):
    """Clock that runs ten times as fast as real time.

    For applications with their real adapters, whose waits between two attempts are no subject of
    the test: what takes turns with a wait still does, which a clock that jumps would change.
    """

    _start: datetime = attrs.field(factory=lambda: datetime.now(UTC))
    _began: float = attrs.field(factory=time.monotonic)

    def now(self) -> datetime:
        """Return the time that has passed since the start, ten times as fast."""
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * SPEED)

    async def sleep(self, delay: timedelta) -> None:
        """Wait for a tenth of the delay."""
        await anyio.sleep(max(delay.total_seconds(), 0.0) / SPEED)
