"""Limit of open requests per server, learned from its refusals.

Some servers answer 403, 429 or 503, or close the connection, when one client has too many open
requests. So the client first retries with fewer of them before it reports the refusal.
"""

import asyncio
import random
from datetime import datetime, timedelta
from typing import Final

import attrs

from aniworld_core.errors import AniworldError, LinkExpiredError, NeedsPersonError
from aniworld_core.ports.clock import Clock

#: Statuses that servers send for too many connections.
SIGNS: Final = frozenset({403, 429, 503})
#: Longest `Retry-After` to wait for inside a transfer.
_LONGEST_WAIT: Final = timedelta(seconds=60)
#: Seconds before a refused request is sent again, first beside others, then alone. Servers count
#: a connection for a while after its end.
_WAITS_BESIDE: Final = (0.2, 0.4)
_WAITS_ALONE: Final = (0.1, 0.4, 1.5)
_JITTER: Final = 0.2


@attrs.define(eq=False)
class ServerLimit:
    """Count the open requests of one transfer to one server.

    Attributes:
        limit: Most concurrent requests; `None` until one was refused beside others.
    """

    _clock: Clock
    limit: int | None = None
    _open: int = attrs.field(init=False, default=0)
    _granted: int = attrs.field(init=False, default=0)
    _is_exclusive: bool = attrs.field(init=False, default=False)
    _has_refused_alone: bool = attrs.field(init=False, default=False)
    _not_before: datetime | None = attrs.field(init=False, default=None)
    _queued_alone: int = attrs.field(init=False, default=0)
    _waiters: list[asyncio.Future[None]] = attrs.field(init=False, factory=list)

    async def enter(self, attempt: "Attempt") -> None:
        """Wait until one more request may be sent, and count it as open."""
        if attempt.is_open:
            return
        while self._not_before is not None:
            left = self._not_before - self._clock.now()
            if left <= timedelta(0):
                self._not_before = None
                break
            await self._clock.sleep(left)
        self._queued_alone += attempt.is_alone
        try:
            while not self._has_room(attempt):
                waiter = asyncio.get_running_loop().create_future()
                self._waiters.append(waiter)
                await waiter
        finally:
            self._queued_alone -= attempt.is_alone
            if attempt.is_alone:
                self._wake()
        self._open += 1
        attempt.is_open = True
        self._is_exclusive = attempt.is_alone

    def leave(self, attempt: "Attempt") -> None:
        """Count a request as closed; repeating it has no effect."""
        if not attempt.is_open:
            return
        self._open -= 1
        self._granted -= attempt.is_granted
        self._is_exclusive = False
        attempt.is_open = attempt.is_granted = attempt.is_held = False
        self._wake()

    def granted(self, attempt: "Attempt") -> None:
        """Record that the server answers a request, so as many concurrent requests are allowed."""
        attempt.is_granted = True
        self._granted += 1
        if self.limit is not None:
            self.limit = max(self.limit, self._granted)
            self._wake()

    def judge(
        self,
        attempt: "Attempt",
        error: AniworldError,
        status: int | None,
        *,
        names_wait: bool = False,
    ) -> float | None:
        """Decide whether a refusal may come from too many open requests.

        Args:
            attempt: The refused attempt, still counted as open.
            error: The error for the refusal.
            status: Its status; `None` if the connection was closed without a response.
            names_wait: Whether the server names how long to wait.

        Returns:
            Seconds to wait before the request is sent again; `None` if the refusal is final.
        """
        if isinstance(error, NeedsPersonError | LinkExpiredError):
            return None
        if status is not None and status not in SIGNS:
            return None
        asked: timedelta | None = getattr(error, "retry_after", None) if names_wait else None
        if self._has_refused_alone or (asked is not None and asked > _LONGEST_WAIT):
            return None
        if status is None and not self._granted:
            return None
        attempt.refusals += 1
        wait = self._wait_after(attempt)
        if wait is None:
            return None
        if asked is not None:
            self._not_before = self._clock.now() + asked
            wait = max(wait, asked.total_seconds())
        return wait * (1 + _JITTER * random.random())  # noqa: S311 - spreads load only

    def _wait_after(self, attempt: "Attempt") -> float | None:
        if not attempt.is_alone and self._open > 1:
            if self.limit is None or attempt.refusals > 1:
                self.limit = max(1, min(self.limit or self._open, self._granted))
                attempt.lowered_limit = True
            attempt.is_alone = attempt.refusals > len(_WAITS_BESIDE)
            return _WAITS_BESIDE[min(attempt.refusals, len(_WAITS_BESIDE)) - 1]
        if self.limit is None:
            return None
        # Nothing else is open. Retry only if the server is known to limit connections.
        attempt.refusals_alone += 1
        if attempt.refusals_alone <= len(_WAITS_ALONE):
            # No other request is sent meanwhile, so the server counts no connection.
            attempt.is_alone = attempt.is_held = self._is_exclusive = True
            return _WAITS_ALONE[attempt.refusals_alone - 1]
        if attempt.lowered_limit:
            # The limit was not the cause: the server refuses this request and accepts others.
            self.limit = None
            self._has_refused_alone = True
            self._wake()
        return None

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _has_room(self, attempt: "Attempt") -> bool:
        if attempt.is_alone:
            return not self._open
        if self._is_exclusive or self._queued_alone:
            return False
        return self.limit is None or self._open < self.limit


@attrs.define(eq=False)
class Attempt:
    """One request that may be sent several times.

    Attributes:
        refusals: Number of refusals.
        refusals_alone: Number of refusals while no other request was open.
        is_alone: Whether to send it only when no other request is open.
        is_open: Whether it counts as open.
        is_granted: Whether the server is answering it.
        is_held: Whether it stays counted as open until the retry.
        lowered_limit: Whether its refusals lowered the limit.
    """

    refusals: int = 0
    refusals_alone: int = 0
    is_alone: bool = False
    is_open: bool = False
    is_granted: bool = False
    is_held: bool = False
    lowered_limit: bool = False
