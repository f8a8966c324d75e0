"""Throttle for checks of passwords and of the set-up code, for all servers of an installation.

A limit per client does not bound guessing, because API keys can be created in any number and
addresses are cheap. Therefore wrong guesses are counted for the whole installation, in groups. Each
group has a budget of its own, so that anonymous clients, stolen API keys and users of accounts
cannot lock the owner out.
"""

import contextlib
import logging
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from enum import Enum
from typing import Final

import attrs
from aiohttp import web

from aniworld_core.domain.access import GUESS_WINDOW, Guess
from aniworld_core.errors import (
    BadCredentialsError,
    RateLimitedError,
    StorageUnavailableError,
    WrongPasswordError,
)
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.guesses import GuessCounter
from aniworld_http.security.setup_code import SetupCodeRequiredError

logger: Final = logging.getLogger(__name__)

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
        clock: The time of all servers; sleeps during the delays.
        guesses: Counts the guesses, at all servers of the installation.
        budgets: Wrong guesses allowed within any 60 seconds, by group.
        monotonic: Return seconds of a clock that is never set.
    """

    _clock: Clock
    _guesses: GuessCounter
    _budgets: Mapping[GuessGroup, int]
    _monotonic: Callable[[], float] = time.monotonic
    _proven: OrderedDict[str, None] = attrs.field(factory=OrderedDict, init=False)
    _warned: float = attrs.field(default=-math.inf, init=False)

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
            StorageUnavailableError: If the guesses of all servers cannot be counted.
        """
        guess = await self._reserve(group)
        try:
            if guess.delay:
                await self._clock.sleep(guess.delay)
            yield
        except _WRONG:
            raise
        except Exception:
            await self._forget(guess)  # the check failed for another reason than the password
            raise
        await self._forget(guess)
        self._proven[place] = None
        self._proven.move_to_end(place)
        if len(self._proven) > _MOST_PROVEN:
            self._proven.popitem(last=False)

    async def _reserve(self, group: GuessGroup) -> Guess:
        try:
            return await self._guesses.reserve(
                group.name, at=self._clock.now(), budget=self._budgets[group]
            )
        except RateLimitedError:
            self._warn(group)
            raise

    async def _forget(self, guess: Guess) -> None:
        # Otherwise it counts for a minute, and a right password is none the worse for it.
        with contextlib.suppress(StorageUnavailableError):
            await self._guesses.forget(guess)

    def _warn(self, group: GuessGroup) -> None:
        now = self._monotonic()
        if now - self._warned >= GUESS_WINDOW.total_seconds():
            self._warned = now
            logger.warning(
                "%d wrong passwords within a minute from callers %s; more are refused until the "
                "oldest is a minute old",
                self._budgets[group],
                group.value,
            )


#: The throttle of this server.
LOGIN_THROTTLE: Final = web.AppKey("LOGIN_THROTTLE", LoginThrottle)
