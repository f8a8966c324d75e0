"""Delay of the event loop."""

from typing import Final

import anyio
import attrs
from aiohttp import web

from aniworld_core.application.ticks import next_tick

#: Seconds between two measurements.
_INTERVAL: Final = 1.0
#: Factor of the worst delay per measurement: half after about ten seconds.
_DECAY: Final = 0.933


@attrs.define(eq=False)
class LoopProbe:
    """Measures how late the event loop runs tasks; blocking calls make it late.

    Attributes:
        lag: The latest delay, in seconds.
        worst: The longest recent delay, in seconds; halves in about ten seconds.
    """

    lag: float = 0.0
    worst: float = 0.0

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            due = next_tick(_INTERVAL)
            await anyio.sleep_until(due)
            self.lag = max(0.0, anyio.current_time() - due)
            self.worst = max(self.lag, self.worst * _DECAY)


#: The probe of this server.
LOOP_PROBE: Final = web.AppKey("LOOP_PROBE", LoopProbe)
