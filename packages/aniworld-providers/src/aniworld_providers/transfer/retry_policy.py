"""How long a direct transfer keeps trying."""

import random
from datetime import timedelta
from typing import Final

import attrs

from aniworld_core.errors import AniworldError, FetchInterruptedError
from aniworld_core.ports.clock import Clock

#: Waits that a server asks for are kept inside a transfer up to this; longer ones end it, and
#: whoever keeps the queue comes back later.
LONGEST_WAIT_INSIDE: Final = timedelta(seconds=10)
#: Waits that a server asks for, in all, without any progress between them.
MOST_WAITING: Final = timedelta(seconds=60)
_MOST_WAITS: Final = 10
_MOST_RENEWALS: Final = 3
_MOST_VERSIONS: Final = 3


@attrs.frozen(kw_only=True)
class RetryRule:
    """When a transfer gives up.

    Attributes:
        limit: Failures in a row, with nothing gained between them, that end it.
        base: Wait after the first of them, doubled for each further one.
        ceiling: Longest wait.
    """

    limit: int = 5
    base: timedelta = timedelta(seconds=0.5)
    ceiling: timedelta = timedelta(seconds=15)


@attrs.define(kw_only=True)
class Endurance:
    """Counts what goes wrong in one transfer; whatever is gained lets it begin anew.

    Attributes:
        attempts: Connections tried one after the other, the first included.
    """

    _clock: Clock
    _rule: RetryRule
    attempts: int = 1
    _fruitless: int = 0
    _waits: int = 0
    _waited: timedelta = timedelta()
    _renewals: int = 0
    _versions: int = 0

    def gained(self) -> None:
        """Take note that bytes arrived since the last failure."""
        self._fruitless = self._renewals = self._waits = 0
        self._waited = timedelta()

    async def rest(self, error: FetchInterruptedError) -> None:
        """Wait as long as the error asks for, or longer each time.

        Raises:
            FetchInterruptedError: The same error, when it is not worth trying again here.
        """
        if error.gave_up:
            raise error
        self.attempts += 1
        if error.retry_after is not None:
            self._waits += 1
            self._waited += error.retry_after
            is_too_long = error.retry_after > LONGEST_WAIT_INSIDE or self._waited > MOST_WAITING
            if is_too_long or self._waits > _MOST_WAITS:
                raise error
            await self._clock.sleep(error.retry_after * random.uniform(1.0, 1.2))  # noqa: S311
            return
        self._fruitless += 1
        if self._fruitless >= self._rule.limit:
            raise error
        plain = min(self._rule.base * 2.0 ** (self._fruitless - 1), self._rule.ceiling)
        await self._clock.sleep(plain * random.uniform(0.8, 1.2))  # noqa: S311

    def go_on(self) -> None:
        """Take note of an attempt that follows at once."""
        self.attempts += 1

    def spend_renewal(self, error: AniworldError) -> None:
        """Take note that a fresh link is asked for.

        Raises:
            AniworldError: The same error, when fresh links do not help.
        """
        self.attempts += 1
        self._renewals += 1
        if self._renewals > _MOST_RENEWALS:
            raise error

    def spend_version(self, error: AniworldError) -> None:
        """Take note that the file changed and has to be fetched from its beginning.

        Raises:
            AniworldError: The same error, when it changes all the time.
        """
        self.attempts += 1
        self._versions += 1
        if self._versions > _MOST_VERSIONS:
            raise error
