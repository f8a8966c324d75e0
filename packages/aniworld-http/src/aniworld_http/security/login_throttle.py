"""Server-wide throttle for checks of the master password and of the set-up code.

Limits per client alone do not bound guessing: API keys are made in any number, and addresses are
cheap. So wrong guesses are counted for the whole server, in three groups. Each group has its own
budget, so that strangers and stolen API keys cannot use up what the owner needs.
"""

import logging
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import Enum
from typing import Final

import attrs
from aiohttp import web

from aniworld_core.errors import BadCredentialsError, RateLimitedError, WrongPasswordError
from aniworld_core.ports.clock import Clock
from aniworld_http.security.setup_code import SetupCodeRequiredError

logger: Final = logging.getLogger(__name__)

_WINDOW_SECONDS: Final = 60.0
#: Seconds that a guess waits longer than the one before, once half of the budget is used.
_STEP_SECONDS: Final = 0.5
#: Addresses from which the right password came; the one unused for longest is forgotten.
_MOST_PROVEN: Final = 64
_WRONG: Final = (BadCredentialsError, WrongPasswordError, SetupCodeRequiredError)


class Guesser(Enum):
    """Group of callers with a common budget of wrong guesses."""

    OWNER = "signed in, or an address from which the right password came"
    API_KEY = "an API key"
    STRANGER = "anybody else"


@attrs.define(eq=False)
class LoginThrottle:
    """Bounds wrong guesses within any 60 seconds, whatever caller, key, session or address.

    While half of a group's budget is used, the next guess waits, and each further one longer. A
    guess beyond the budget is refused until an earlier one is a minute old. Right guesses cost
    nothing.

    Args:
        clock: Sleeps.
        budgets: Wrong guesses allowed within any 60 seconds, by group.
        monotonic: Seconds that never jump.
    """

    _clock: Clock
    _budgets: Mapping[Guesser, int]
    _monotonic: Callable[[], float] = time.monotonic
    _taken: dict[Guesser, list[float]] = attrs.field(init=False)
    _proven: OrderedDict[str, None] = attrs.field(factory=OrderedDict, init=False)
    _warned: float = attrs.field(default=-math.inf, init=False)

    @_taken.default
    def _make_taken(self) -> dict[Guesser, list[float]]:
        return {guesser: [] for guesser in Guesser}

    def is_proven(self, address: str) -> bool:
        """Whether the right password came from this address since the start."""
        return address in self._proven

    @asynccontextmanager
    async def guessing(self, guesser: Guesser, address: str) -> AsyncIterator[None]:
        """Check one password inside the context.

        Args:
            guesser: The group the caller belongs to.
            address: Where the request came from; remembered when the password is right.

        Raises:
            RateLimitedError: If the group's budget is used; says when to come back.
        """
        taken = self._taken[guesser]
        stamp, delay = self._reserve(guesser)
        try:
            if delay:
                await self._clock.sleep(timedelta(seconds=delay))
            yield
        except _WRONG:
            raise
        except Exception:
            taken.remove(stamp)  # whatever failed, it was not the password
            raise
        taken.remove(stamp)
        self._proven[address] = None
        self._proven.move_to_end(address)
        if len(self._proven) > _MOST_PROVEN:
            self._proven.popitem(last=False)

    def _reserve(self, guesser: Guesser) -> tuple[float, float]:
        """Take a place before the guess, so that guesses at the same time cannot exceed it."""
        now, budget, taken = self._monotonic(), self._budgets[guesser], self._taken[guesser]
        taken[:] = [stamp for stamp in taken if now - stamp < _WINDOW_SECONDS]
        if len(taken) >= budget:
            self._warn(now, guesser)
            wait = min(taken) + _WINDOW_SECONDS - now
            raise RateLimitedError(timedelta(seconds=math.ceil(max(wait, 1))))
        delay = _STEP_SECONDS * max(0, len(taken) + 1 - math.ceil(budget / 2))
        # A guess counts from the moment it is checked.
        stamp = max([now + delay, *taken])
        taken.append(stamp)
        return stamp, delay

    def _warn(self, now: float, guesser: Guesser) -> None:
        if now - self._warned >= _WINDOW_SECONDS:
            self._warned = now
            logger.warning(
                "%d wrong passwords within a minute from callers of one kind (%s); "
                "further ones are refused for now",
                self._budgets[guesser],
                guesser.value,
            )


#: The throttle of this server.
LOGIN_THROTTLE: Final = web.AppKey("LOGIN_THROTTLE", LoginThrottle)
