"""Choose the number of connections of a direct transfer by its measured speed."""

from typing import Final

#: Bytes per second from which a single connection is fast enough.
_FAST: Final = 160e6
#: Seconds to the end of a transfer below which no connection is added.
_SOON: Final = 0.3
#: Seconds to measure one connection, and then several of them.
_SAMPLE: Final = 0.04
_TRIAL: Final = 2.0
#: Share of the time spent waiting for the disk above which the disk is the limit.
_DISK_WAIT: Final = 0.3
#: Speed of several connections over that of one, below which only two are kept.
_GAIN: Final = 1.25


class ConnectionCount:
    """Start with one connection, try all allowed ones, and keep them if they are faster.

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
        """Lower the limit because the server refuses more connections."""
        self._limit = max(1, min(self._limit, limit))
        self.wanted = min(self.wanted, self._limit)

    def observe(self, now: float, received: int, left: int, disk_wait: float = 0.0) -> int:
        """Return the number of connections to use.

        Args:
            now: Time in seconds, from any start.
            received: Bytes received so far by all connections.
            left: Bytes still missing.
            disk_wait: Seconds that connections have waited for the disk so far.
        """
        if self._since is None or received < self._bytes:
            self._since, self._bytes, self._held_up = now, received, disk_wait
            return self.wanted
        passed = now - self._since
        if passed < (_SAMPLE if self.wanted == 1 else _TRIAL) or self._is_decided:
            return self.wanted
        rate = (received - self._bytes) / passed
        is_disk_slow = disk_wait - self._held_up > passed * _DISK_WAIT
        self._since, self._bytes, self._held_up = now, received, disk_wait
        if self.wanted == 1:
            if not is_disk_slow and rate < _FAST and left > rate * _SOON:
                self._single, self.wanted = rate, self._limit
        else:
            self._is_decided = True
            if rate < self._single * _GAIN:
                self.wanted = 2
        return self.wanted
