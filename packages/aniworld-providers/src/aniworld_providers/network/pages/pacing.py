"""How fast a site is asked."""

from collections import defaultdict
from datetime import datetime, timedelta
from random import SystemRandom

import anyio
import attrs

from aniworld_core.ports.clock import Clock

_RANDOM = SystemRandom()
#: Gaps are up to this much longer than they must be, so that the requests make no pattern.
_JITTER = 0.25


@attrs.define(eq=False)
class HostPace:
    """Spaces the requests to each host.

    Attributes:
        per_minute: Most requests per minute and host.
    """

    _clock: Clock
    per_minute: int = attrs.field(kw_only=True)
    _turns: defaultdict[str, anyio.Lock] = attrs.field(
        init=False, factory=lambda: defaultdict(anyio.Lock)
    )
    _last: dict[str, datetime] = attrs.field(init=False, factory=dict)

    async def turn(self, host: str) -> None:
        """Wait until the host may be asked; callers are served in the order they came."""
        async with self._turns[host]:
            last = self._last.get(host)
            if last is not None:
                gap = timedelta(minutes=1) / self.per_minute
                gap *= 1 + _JITTER * _RANDOM.random()
                # Bounded by one gap, should somebody set the clock back meanwhile.
                wait = min(last + gap - self._clock.now(), gap)
                if wait > timedelta():
                    await self._clock.sleep(wait)
            self._last[host] = self._clock.now()
