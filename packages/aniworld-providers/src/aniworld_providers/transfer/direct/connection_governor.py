"""How many connections are worth having."""

from typing import Final

#: A single connection this fast (bytes per second) is not held back by anybody's limit.
_FAST: Final = 160e6
#: A transfer that ends within this many seconds is not worth another connection.
_SOON: Final = 0.3
_SAMPLE: Final = 0.04
_TRIAL: Final = 2.0
#: Share of the time spent waiting for the disk from which on it, not the server, is slow.
_HELD_UP: Final = 0.3
#: Several connections have to bring this much more than one, else few are kept.
_GAIN: Final = 1.25


class ConnectionGovernor:
    """Starts with one connection, tries all that are allowed, keeps them if they bring something.

    Args:
        limit: Most connections.
    """

    def __init__(self, limit: int) -> None:
        self._limit = max(limit, 1)
        self._since: float | None = None
        self._bytes = 0
        self._held_up = 0.0
        self._single = 0.0
        self._is_decided = False
        self.wanted = 1

    def lower(self, limit: int) -> None:
        """Take note that the server does not bear more than *limit*."""
        self._limit = max(1, min(self._limit, limit))
        self.wanted = min(self.wanted, self._limit)

    def observe(self, now: float, received: int, left: int, held_up: float = 0.0) -> int:
        """Return how many connections to have.

        Args:
            now: The time in seconds, from any start.
            received: Bytes received so far, over all connections.
            left: Bytes still missing.
            held_up: Seconds that connections have waited for the disk so far.
        """
        if self._since is None or received < self._bytes:
            self._since, self._bytes, self._held_up = now, received, held_up
            return self.wanted
        passed = now - self._since
        if passed < (_SAMPLE if self.wanted == 1 else _TRIAL) or self._is_decided:
            return self.wanted
        rate = (received - self._bytes) / passed
        is_held_up = held_up - self._held_up > passed * _HELD_UP
        self._since, self._bytes, self._held_up = now, received, held_up
        if self.wanted == 1:
            if not is_held_up and rate < _FAST and left > rate * _SOON:
                self._single, self.wanted = rate, self._limit
        else:
            self._is_decided = True
            if rate < self._single * _GAIN:
                self.wanted = min(2, self._limit)
        return self.wanted
