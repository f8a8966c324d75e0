"""Rate limit of requests to one host."""

from collections import defaultdict
from datetime import datetime, timedelta
from random import SystemRandom

import anyio
import attrs

from aniworld_core.ports.clock import Clock

_RANDOM = SystemRandom()
#: Largest random extension of a gap, as a share of it, so that requests form no pattern.
_JITTER = 0.25


@attrs.define(eq=False)
class HostRateLimit:
    """Limit the rate of requests to each host.

    Attributes:
        per_minute: Most requests per minute and host.
    """

    _clock: Clock
    per_minute: int = attrs.field(kw_only=True)
    _locks: defaultdict[str, anyio.Lock] = attrs.field(
        init=False, factory=lambda: defaultdict(anyio.Lock)
    )
    _last: dict[str, datetime] = attrs.field(init=False, factory=dict)

    async def acquire(self, host: str) -> None:
        """Wait until the next request to a host may be sent; callers proceed in order."""
        async with self._locks[host]:
            last = self._last.get(host)
            if last is not None:
                gap = timedelta(minutes=1) / self.per_minute
                gap *= 1 + _JITTER * _RANDOM.random()
                # Limited to one gap in case the system clock is set back.
                wait = min(last + gap - self._clock.now(), gap)
                if wait > timedelta():
                    await self._clock.sleep(wait)
            self._last[host] = self._clock.now()
