"""One bandwidth limit and one pause switch for all transfers of an application."""

import anyio
import attrs

#: A wait is cut into slices of this many seconds, so that a changed limit is felt soon.
_SLICE = 0.25


@attrs.define(eq=False)
class SharedThrottle:
    """Serves callers in the order they ask, each after the bytes of those before it.

    Attributes:
        limit_rate: Bytes per second for everybody together; 0 means no limit.
    """

    _limit_rate: int = 0
    _next_free: float = attrs.field(default=0.0, init=False)
    _generation: int = attrs.field(default=0, init=False)
    _resumed: anyio.Event | None = attrs.field(default=None, init=False)

    @property
    def limit_rate(self) -> int:
        """The limit in force."""
        return self._limit_rate

    @limit_rate.setter
    def limit_rate(self, limit: int) -> None:
        self._limit_rate = max(limit, 0)
        self._next_free = 0.0
        self._generation += 1

    @property
    def is_paused(self) -> bool:
        """Whether transfers stand still."""
        return self._resumed is not None

    def pause(self) -> None:
        """Let every transfer stand still at its next read; idempotent."""
        if self._resumed is None:
            self._resumed = anyio.Event()

    def resume(self) -> None:
        """Let transfers go on; idempotent."""
        if self._resumed is not None:
            self._resumed.set()
            self._resumed = None

    async def take(self, amount: int) -> None:
        """Wait until *amount* more bytes may be received."""
        while self._resumed is not None:
            await self._resumed.wait()
        if self._limit_rate <= 0:
            return
        generation = self._generation
        start = max(anyio.current_time(), self._next_free)
        self._next_free = start + amount / self._limit_rate
        due = self._next_free
        while generation == self._generation and (left := due - anyio.current_time()) > 0:
            await anyio.sleep(min(left, _SLICE))
