"""Transfer rate of a body: detect slow servers, size the reads under a bandwidth limit."""

from typing import Final

import attrs

from aniworld_core.errors import FetchInterruptedError
from aniworld_core.messages import Message

_LEAST_READ: Final = 64 * 1024
_MOST_READ: Final = 16 * 1024 * 1024
#: Longest pause that is not noticeable, in seconds.
_JERK: Final = 0.005


@attrs.frozen(kw_only=True)
class Timeouts:
    """Time limits for a server, in seconds.

    Attributes:
        connect: Until the connection is established.
        headers: From then until the response headers are complete.
        read: Until the next bytes of a body arrive.
        floor_rate: Minimum rate in bytes per second, averaged over `floor_seconds`.
        floor_seconds: Length of one measurement of the rate.
    """

    connect: float = 15.0
    headers: float = 30.0
    read: float = 30.0
    floor_rate: float = 1024.0
    floor_seconds: float = 60.0


@attrs.define(eq=False)
class BodyRate:
    """Transfer rate of one body.

    Attributes:
        read_size: Bytes to receive before the bandwidth limit is applied.
    """

    _timeouts: Timeouts
    read_size: int = _LEAST_READ
    _waited: float = 0.0
    _received: int = 0
    _silent: float = 0.0

    def received(self, seconds: float, count: int) -> FetchInterruptedError | None:
        """Record received bytes; return an error if the server is too slow."""
        self._silent = 0.0 if count else self._silent + seconds
        if self._silent >= self._timeouts.read:
            return FetchInterruptedError(
                Message("nothing_arrived", waited_seconds=self._timeouts.read)
            )
        self._waited, self._received = self._waited + seconds, self._received + count
        if self._waited < self._timeouts.floor_seconds:
            return None
        is_slow = self._received < self._timeouts.floor_rate * self._waited
        self._waited, self._received = 0.0, 0
        return FetchInterruptedError(Message("too_slow")) if is_slow else None

    def delayed(self, seconds: float, count: int) -> None:
        """Record how long the bandwidth limit delayed bytes; adapt `read_size` to avoid jerks."""
        if seconds > _JERK:
            # A newly set limit must not cause a pause of half a minute.
            bearable = int(count * _JERK / seconds)
            self.read_size = max(min(self.read_size // 2, bearable), _LEAST_READ)
        else:
            self.read_size = min(self.read_size * 2, _MOST_READ)
