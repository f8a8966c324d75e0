"""Give up on servers that accept a request and then send nothing, or almost nothing."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import attrs

from aniworld_core.errors import FetchInterruptedError
from aniworld_core.messages import Message

#: Fewest bytes that count as progress, unless they complete a body.
_LEAST_BYTES: Final = 16 * 1024
#: Lowest rate that counts as progress, in bytes per second of waiting.
_LEAST_RATE: Final = 1024.0
#: Largest error of a timer, in seconds.
_SLACK: Final = 0.05


@attrs.define(eq=False)
class StallClock:
    """Time that one transfer has waited for servers since its last progress.

    It counts only while at least one request waits for its server: not during pauses, bandwidth
    limiting or slow disk writes. Several waiting requests count once.

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
        """Seconds left before the transfer is given up; never below the timer error."""
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
        """Start counting; may be nested and is undone by `end`."""
        if not self._waiting:
            self._since = asyncio.get_running_loop().time()
        self._waiting += 1

    def end(self) -> None:
        """Stop counting."""
        self._waiting -= 1
        if not self._waiting:
            self._spent += asyncio.get_running_loop().time() - self._since

    def received(self, count: int) -> None:
        """Record received bytes; enough of them in the elapsed time are progress."""
        self._received += count
        if self._received >= _LEAST_BYTES and self._received >= _LEAST_RATE * self._passed():
            self.progressed()

    def progressed(self) -> None:
        """Record progress, such as a complete response: the time starts again."""
        self._spent = 0.0
        self._received = 0
        if self._waiting:
            self._since = asyncio.get_running_loop().time()

    def error(self, observed: str) -> FetchInterruptedError:
        """Return the error for the used-up time.

        Args:
            observed: State of the last request.
        """
        return FetchInterruptedError(
            Message("no_progress", waited_seconds=self.limit, reason=observed), gave_up=True
        )

    def _passed(self) -> float:
        if not self._waiting:
            return self._spent
        return self._spent + asyncio.get_running_loop().time() - self._since
