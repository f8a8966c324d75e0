"""Guessing the password from many addresses at once only makes it slower."""

import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import attrs
from aiohttp import web

from aniworld_core.errors import RateLimitedError
from aniworld_core.ports.clock import Clock

#: So many wrong passwords within a minute are nobody's slip of the hand any more.
_FREE: Final = 30
_WINDOW_SECONDS: Final = 60.0
_LONGEST: Final = timedelta(seconds=10)
#: More than this many wait for nothing but their turn: the others are sent away.
_MOST_WAITING: Final = 20


@attrs.define(eq=False)
class GuessBrake:
    """Delays sign-ins, all of them and whoever asks, while many passwords are wrong."""

    _clock: Clock
    _monotonic: Callable[[], float] = time.monotonic
    _failures: deque[float] = attrs.field(factory=lambda: deque(maxlen=1000), init=False)
    _waiting: int = attrs.field(default=0, init=False)

    async def wait(self) -> None:
        """Wait as long as the recent failures ask for.

        Raises:
            RateLimitedError: If too many wait already.
        """
        delay = self.delay
        if not delay:
            return
        if self._waiting >= _MOST_WAITING:
            raise RateLimitedError(_LONGEST)
        self._waiting += 1
        try:
            await self._clock.sleep(delay)
        finally:
            self._waiting -= 1

    def failed(self) -> None:
        """Note a wrong password."""
        self._failures.append(self._monotonic())

    @property
    def delay(self) -> timedelta:
        """How long a sign-in waits now: a quarter of a second more for each further failure."""
        since = self._monotonic() - _WINDOW_SECONDS
        while self._failures and self._failures[0] < since:
            self._failures.popleft()
        excess = max(0, len(self._failures) - _FREE)
        return min(timedelta(milliseconds=250) * excess, _LONGEST)


#: Slows down guessing at this server.
BRAKE: Final = web.AppKey("BRAKE", GuessBrake)
