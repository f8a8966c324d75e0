"""How often, and after which waits, something that failed is tried again."""

import random
from datetime import timedelta
from typing import Final

import attrs

from aniworld_core.errors import AniworldError
from aniworld_core.ports.clock import Clock
from aniworld_providers.transfer.retry_policy import LONGEST_WAIT_INSIDE, MOST_WAITING

_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 8.0
_WAIT_AFTER_PROGRESS: Final = 0.1
_MOST_WAITS: Final = 20
_JITTER: Final = 0.2


@attrs.define
class Patient:
    """Counts the failures of one thing and waits between them.

    Attributes:
        attempts: How often it may be tried in all without getting any further.
        failures: How often it has failed since it last got further.
        waits: How often its server has asked for a wait.
    """

    _clock: Clock
    attempts: int = 5
    failures: int = 0
    waits: int = 0
    _has_progressed: bool = False
    _waited: timedelta = timedelta()

    def progressed(self) -> None:
        """Take note that it got further: patience begins anew."""
        self.failures = 0
        self._waited = timedelta()
        self._has_progressed = True

    async def wait_after(self, error: AniworldError) -> None:
        """Wait before the next try, as long as the server asked or longer from time to time.

        Raises:
            AniworldError: The very *error*, when it was tried often enough or asks for a long wait.
        """
        if getattr(error, "gave_up", False):
            raise error
        asked: timedelta | None = getattr(error, "retry_after", None)
        if asked is None:
            self.failures += 1
            wait = min(_FIRST_WAIT * 2 ** (self.failures - 1), _LONGEST_WAIT)
            if self._has_progressed:
                wait = _WAIT_AFTER_PROGRESS
        else:
            self.waits += 1
            self._waited += asked
            wait = max(asked.total_seconds(), _WAIT_AFTER_PROGRESS)
        self._has_progressed = False
        is_too_long = asked is not None and asked > LONGEST_WAIT_INSIDE
        is_too_long |= self._waited > MOST_WAITING
        if is_too_long or self.failures >= self.attempts or self.waits >= _MOST_WAITS:
            raise error
        spread = 1 + _JITTER * random.random()  # noqa: S311 - spreads load, protects nothing
        await self._clock.sleep(timedelta(seconds=wait * spread))
