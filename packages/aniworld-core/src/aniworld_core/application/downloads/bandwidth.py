"""One bandwidth limit and one pause switch for all transfers of an application."""

import anyio
import attrs


@attrs.define(eq=False)
class SharedThrottle:
    """Serves callers in the order they ask, each after the bytes of those before it.

    Attributes:
        limit_rate: Bytes per second for everybody together; 0 means no limit.
    """

    _limit_rate: int = 0
    _next_free: float = attrs.field(default=0.0, init=False)
    _changed: anyio.Event | None = attrs.field(default=None, init=False)
    _resumed: anyio.Event | None = attrs.field(default=None, init=False)

    @property
    def limit_rate(self) -> int:
        """The limit in force."""
        return self._limit_rate

    def change_limit(self, limit_rate: int) -> None:
        """Set another limit; who waits under the old one is let go."""
        if limit_rate == self._limit_rate:
            return
        self._limit_rate = max(limit_rate, 0)
        self._next_free = 0.0
        if self._changed is not None:
            self._changed.set()
            self._changed = None

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
        start = max(anyio.current_time(), self._next_free)
        self._next_free = start + amount / self._limit_rate
        left = self._next_free - anyio.current_time()
        if left <= 0:
            return
        if self._changed is None:
            self._changed = anyio.Event()
        changed = self._changed
        with anyio.move_on_after(left):  # a new limit wipes out the debt made under the old one
            await changed.wait()
