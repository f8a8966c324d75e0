"""Wait between the attempts of one action, as its retry policy says."""

import random
from datetime import timedelta
from typing import Final

import attrs

from aniworld_core.domain.retry_policy import RetryPolicy, RetryState
from aniworld_core.errors import AniworldError
from aniworld_core.ports.clock import Clock

#: Shortest wait before a retry that a server asked for (`Retry-After: 0`).
_SHORTEST_REQUESTED: Final = timedelta(seconds=0.1)


@attrs.define(eq=False)
class Backoff:
    """The retry state of one action, with the clock that its waits use."""

    _clock: Clock
    _policy: RetryPolicy
    _state: RetryState = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._state = self._policy.start()

    @property
    def retries(self) -> int:
        """Number of retries since the last progress; waits that a server asked for excluded."""
        return self._state.retries

    def progressed(self) -> None:
        """Start all counts again: the last attempt made progress before it failed."""
        self._state = self._state.progressed()

    async def wait_after(self, error: AniworldError) -> None:
        """Wait before the next attempt: as long as the server asked, or as the policy says.

        Raises:
            AniworldError: The same *error*, if the policy allows no further attempt or the error
                is marked as final (`gave_up`).
        """
        if getattr(error, "gave_up", False):
            raise error
        requested: timedelta | None = getattr(error, "retry_after", None)
        if requested is not None:
            requested = max(requested, _SHORTEST_REQUESTED)
        draw = random.random()  # noqa: S311 - spreads load, protects nothing
        state = self._state.failed(requested=requested, draw=draw)
        if state is None:
            raise error
        self._state = state
        await self._clock.sleep(state.delay)
