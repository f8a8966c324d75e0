"""Server-wide throttle for checks of passwords and of the set-up code.

A limit per client does not bound guessing, because API keys can be created in any number and
addresses are cheap. Therefore wrong guesses are counted for the whole server, in groups. Each
group has a budget of its own, so that anonymous clients, stolen API keys and users of accounts
cannot lock the owner out.
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
#: Seconds added to the delay with each guess, once half of the budget is used.
_STEP_SECONDS: Final = 0.5
#: Places from which a right password came; the least recently used one is removed.
_MOST_PROVEN: Final = 64
_WRONG: Final = (BadCredentialsError, WrongPasswordError, SetupCodeRequiredError)


class GuessGroup(Enum):
    """Group of callers with a common budget of wrong guesses."""

    OWNER = "signed in with the master password, or from an address that it came from before"
    ACCOUNT = "signed in with an account, or from an address that its password came from before"
    API_KEY = "with an API key"
    ANONYMOUS = "without credentials"


@attrs.define(eq=False)
class LoginThrottle:
    """Bounds the wrong guesses of all callers together within any 60 seconds.

    Once half of a group's budget is used, each further guess waits longer than the one before. A
    guess beyond the budget is refused until an earlier one is a minute old. Right guesses are not
    counted.

    Args:
        clock: Sleeps during the delays.
        budgets: Wrong guesses allowed within any 60 seconds, by group.
        monotonic: Return seconds of a clock that is never set.
    """

    _clock: Clock
    _budgets: Mapping[GuessGroup, int]
    _monotonic: Callable[[], float] = time.monotonic
    _taken: dict[GuessGroup, list[float]] = attrs.field(init=False)
    _proven: OrderedDict[str, None] = attrs.field(factory=OrderedDict, init=False)
    _warned: float = attrs.field(default=-math.inf, init=False)

    @_taken.default
    def _make_taken(self) -> dict[GuessGroup, list[float]]:
        return {group: [] for group in GuessGroup}

    def is_proven(self, place: str) -> bool:
        """Whether the right password came from this place since the server started."""
        return place in self._proven

    @asynccontextmanager
    async def checking_password(self, group: GuessGroup, place: str) -> AsyncIterator[None]:
        """Check one password inside the context.

        Args:
            group: Group of the caller.
            place: Address of the client, for an account with its name before it; stored when the
                password is right.

        Raises:
            RateLimitedError: If the budget of the group is used up; contains the time until the
                next try.
        """
        taken = self._taken[group]
        stamp, delay = self._reserve(group)
        try:
            if delay:
                await self._clock.sleep(timedelta(seconds=delay))
            yield
        except _WRONG:
            raise
        except Exception:
            taken.remove(stamp)  # the check failed for another reason than the password
            raise
        taken.remove(stamp)
        self._proven[place] = None
        self._proven.move_to_end(place)
        if len(self._proven) > _MOST_PROVEN:
            self._proven.popitem(last=False)

    def _reserve(self, group: GuessGroup) -> tuple[float, float]:
        """Count a guess before its check, so that concurrent guesses cannot exceed the budget."""
        now, budget, taken = self._monotonic(), self._budgets[group], self._taken[group]
        taken[:] = [stamp for stamp in taken if now - stamp < _WINDOW_SECONDS]
        if len(taken) >= budget:
            self._warn(now, group)
            wait = min(taken) + _WINDOW_SECONDS - now
            raise RateLimitedError(timedelta(seconds=math.ceil(max(wait, 1))))
        delay = _STEP_SECONDS * max(0, len(taken) + 1 - math.ceil(budget / 2))
        # A guess counts from the moment it is checked.
        stamp = max([now + delay, *taken])
        taken.append(stamp)
        return stamp, delay

    def _warn(self, now: float, group: GuessGroup) -> None:
        if now - self._warned >= _WINDOW_SECONDS:
            self._warned = now
            logger.warning(
                "%d wrong passwords within a minute from callers %s; more are refused until the "
                "oldest is a minute old",
                self._budgets[group],
                group.value,
            )


#: The throttle of this server.
LOGIN_THROTTLE: Final = web.AppKey("LOGIN_THROTTLE", LoginThrottle)
