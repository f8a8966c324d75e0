"""Delay of the event loop."""

import asyncio
from typing import Final

import attrs
from aiohttp import web

#: Seconds between two measurements.
_INTERVAL: Final = 0.25
#: Factor of the worst delay per measurement: half after about ten seconds.
_DECAY: Final = 0.983


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
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _INTERVAL
            await asyncio.sleep(_INTERVAL)
            self.lag = max(0.0, loop.time() - due)
            self.worst = max(self.lag, self.worst * _DECAY)


#: The probe of this server.
LOOP_PROBE: Final = web.AppKey("LOOP_PROBE", LoopProbe)
