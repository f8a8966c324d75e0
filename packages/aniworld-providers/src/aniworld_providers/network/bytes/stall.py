"""Giving up on servers that take a request and then send nothing, or next to nothing."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import attrs

from aniworld_core.errors import FetchInterruptedError

#: Fewer bytes than this are no progress, unless a body is complete with them.
_LEAST_BYTES: Final = 16 * 1024
#: Fewer bytes per second of waiting than this are no progress.
_LEAST_RATE: Final = 1024.0
#: Seconds by which a timer may be early.
_SLACK: Final = 0.05


@attrs.define(eq=False)
class StallClock:
    """The time that one transfer has waited for servers since it last got any further.

    Only time in which at least one request waits for its server counts: neither pauses, nor the
    bandwidth limit, nor a slow disk. Several requests that wait at once count once.

    Attributes:
        limit: Seconds without progress after which the transfer is given up.
    """

    limit: float
    _waiting: int = 0
    _since: float = 0.0
    _spent: float = 0.0
    _received: int = 0

    @property
    def left(self) -> float:
        """Seconds left before the transfer is given up; at least a moment."""
        return max(self.limit - self._passed(), _SLACK)

    @property
    def is_over(self) -> bool:
        """Whether the time is used up."""
        return self._passed() >= self.limit - _SLACK

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the time until the end of the context."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    def begin(self) -> None:
        """Start to count; may be nested, and is undone by `end`."""
        if not self._waiting:
            self._since = asyncio.get_running_loop().time()
        self._waiting += 1

    def end(self) -> None:
        """Stop to count."""
        self._waiting -= 1
        if not self._waiting:
            self._spent += asyncio.get_running_loop().time() - self._since

    def received(self, count: int) -> None:
        """Note received bytes; enough of them within their time are progress."""
        self._received += count
        if self._received >= _LEAST_BYTES and self._received >= _LEAST_RATE * self._passed():
            self.progressed()

    def progressed(self) -> None:
        """Note progress, such as a complete answer: the time starts anew."""
        self._spent = 0.0
        self._received = 0
        if self._waiting:
            self._since = asyncio.get_running_loop().time()

    def error(self, observed: str) -> FetchInterruptedError:
        """Return the error for an exhausted time.

        Args:
            observed: What the last request was waiting for.
        """
        return FetchInterruptedError(
            f"no progress for {self.limit:.0f} s: {observed}", gave_up=True
        )

    def _passed(self) -> float:
        if not self._waiting:
            return self._spent
        return self._spent + asyncio.get_running_loop().time() - self._since
