"""How fast a body comes: too slowly to wait for, or faster than it may."""

from typing import Final

import attrs

from aniworld_core.errors import FetchInterruptedError

_LEAST_MOMENT: Final = 64 * 1024
_MOST_MOMENT: Final = 16 * 1024 * 1024
#: Seconds of standstill that nobody notices.
_JERK: Final = 0.005


@attrs.frozen(kw_only=True)
class Patience:
    """How long a server may take, in seconds.

    Attributes:
        connect: Until the connection stands.
        headers: From there until the headers are here.
        read: Until the next bytes of a body arrive.
        floor_rate: Fewer bytes per second than this is as good as nothing...
        floor_seconds: ...when it lasts this long.
    """

    connect: float = 15.0
    headers: float = 30.0
    read: float = 30.0
    floor_rate: float = 1024.0
    floor_seconds: float = 60.0


@attrs.define(eq=False)
class Pace:
    """What is known of one body.

    Attributes:
        moment: Bytes to receive before the limit is asked.
    """

    _patience: Patience
    moment: int = _LEAST_MOMENT
    _waited: float = 0.0
    _received: int = 0
    _silent: float = 0.0

    def told(self, seconds: float, count: int) -> FetchInterruptedError | None:
        """Take note of bytes that came within some time; tells when that is too slow."""
        self._silent = 0.0 if count else self._silent + seconds
        if self._silent >= self._patience.read:
            return FetchInterruptedError(f"nothing arrived for {self._patience.read:.0f} s")
        self._waited, self._received = self._waited + seconds, self._received + count
        if self._waited < self._patience.floor_seconds:
            return None
        is_slow = self._received < self._patience.floor_rate * self._waited
        self._waited, self._received = 0.0, 0
        return FetchInterruptedError("it arrives too slowly") if is_slow else None

    def held_back(self, seconds: float, count: int) -> None:
        """Take note of how long the limit made bytes wait: long moments would come in jerks."""
        if seconds > _JERK:
            # A limit set a moment ago must not be felt as a standstill of half a minute.
            bearable = int(count * _JERK / seconds)
            self.moment = max(min(self.moment // 2, bearable), _LEAST_MOMENT)
        else:
            self.moment = min(self.moment * 2, _MOST_MOMENT)
