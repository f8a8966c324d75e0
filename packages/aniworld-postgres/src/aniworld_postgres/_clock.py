"""The clock of the server, which all machines have in common."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

from aniworld_core.ports.clock import Clock

#: An answer that is late by at most this time was only slow: the clock is not set back.
_SLOW_ANSWER: Final = timedelta(seconds=0.5)


@attrs.define(eq=False)
class ServerTime:
    """Continues the time that the server last named, with the seconds since then.

    Each writing transaction and each revision names the time again, in the same round trip. The
    server reads its clock before the answer arrives, so this time is never ahead of the server's:
    a claim of another machine does not expire early. Setting the clock of this machine has no
    effect.

    Args:
        monotonic: Return seconds of a clock that is never set.
    """

    _monotonic: Callable[[], float] = time.monotonic
    #: The time of the server when the other clock showed zero. Threads replace it as a whole.
    _start: datetime | None = attrs.field(default=None, init=False)

    def heard(self, server: datetime) -> None:
        """Take over the time that the server has named now."""
        start = server.astimezone(UTC) - timedelta(seconds=self._monotonic())
        if self._start is None or not timedelta(0) <= self._start - start <= _SLOW_ANSWER:
            self._start = start

    def now(self) -> datetime:
        """Return the time of the server; it has to be heard before."""
        if self._start is None:
            raise RuntimeError("the server has not named its time yet")
        return self._start + timedelta(seconds=self._monotonic())


@attrs.frozen(eq=False)
class ServerClock(Clock):
    """Shows the time of the server; sleeps by the clock of this machine."""

    _time: ServerTime
    _local: Clock

    def now(self) -> datetime:
        return self._time.now()

    async def sleep(self, delay: timedelta) -> None:
        await self._local.sleep(delay)
