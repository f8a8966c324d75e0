"""One bandwidth limit and one pause switch for all transfers of an application."""

from collections.abc import Awaitable, Callable

import anyio
import attrs


async def _wait(event: anyio.Event, seconds: float) -> None:
    with anyio.move_on_after(seconds):
        await event.wait()


@attrs.define(eq=False)
class SharedThrottle:
    """Bandwidth limit for concurrent transfers; callers are served in the order of their calls.

    A transfer that was idle gets no credit: unused bandwidth is lost.

    Args:
        limit_rate: Bytes per second of all transfers together; 0 means no limit.
        now: Returns seconds that never jump.
        wait: Waits for an event, at most some seconds.
    """

    _limit_rate: int = 0
    _now: Callable[[], float] = attrs.field(default=anyio.current_time, kw_only=True)
    _wait: Callable[[anyio.Event, float], Awaitable[None]] = attrs.field(
        default=_wait, kw_only=True
    )
    _next_free: float = attrs.field(default=0.0, init=False)
    _changed: anyio.Event | None = attrs.field(default=None, init=False)
    _resumed: anyio.Event | None = attrs.field(default=None, init=False)

    @property
    def limit_rate(self) -> int:
        """Return the limit in bytes per second; 0 means no limit."""
        return self._limit_rate

    def change_limit(self, limit_rate: int) -> None:
        """Set another limit; callers that wait under the old one continue at once."""
        if limit_rate == self._limit_rate:
            return
        self._limit_rate = max(limit_rate, 0)
        self._next_free = 0.0
        if self._changed is not None:
            self._changed.set()
            self._changed = None

    @property
    def is_paused(self) -> bool:
        """Return whether the transfers are paused."""
        return self._resumed is not None

    def pause(self) -> None:
        """Pause every transfer at its next read; idempotent."""
        if self._resumed is None:
            self._resumed = anyio.Event()

    def resume(self) -> None:
        """Continue the transfers; idempotent."""
        if self._resumed is not None:
            self._resumed.set()
            self._resumed = None

    async def take(self, amount: int) -> None:
        """Wait until *amount* more bytes may be received."""
        while self._resumed is not None:
            await self._resumed.wait()
        if self._limit_rate <= 0:
            return
        now = self._now()
        self._next_free = max(now, self._next_free) + amount / self._limit_rate
        if self._next_free <= now:
            return
        if self._changed is None:
            self._changed = anyio.Event()
        # A new limit ends the wait, because it drops the debt made under the old one.
        await self._wait(self._changed, self._next_free - now)
