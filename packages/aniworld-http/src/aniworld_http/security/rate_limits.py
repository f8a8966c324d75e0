"""How often somebody may ask: strangers by their address, everybody else by who they are."""

import math
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import attrs
from aiohttp import web

from aniworld_core.errors import RateLimitedError
from aniworld_http.operations import Budget, Policy, endpoint_of
from aniworld_http.security.callers import CALLER
from aniworld_http.security.client_addresses import client_of
from aniworld_http.security.login_throttle import LOGIN_THROTTLE, Guesser

if TYPE_CHECKING:
    from limits.aio.strategies import MovingWindowRateLimiter

_WINDOW_SECONDS: Final = 60


@attrs.frozen(kw_only=True)
class RateLimits:
    """Requests that are allowed within any 60 seconds.

    Attributes:
        guesses: At the master password, for one client; sign-in and set-up each.
        strangers: Of a client without a valid token.
        known: Of a session or an API key.
        wrong_strangers: Wrong passwords of all clients without a valid token together.
        wrong_api_keys: Wrong passwords of all API keys together.
        wrong_owner: Wrong passwords of all sessions, and of addresses from which the right one
            came, together.
    """

    guesses: int = 5
    strangers: int = 60
    known: int = 1200
    wrong_strangers: int = 20
    wrong_api_keys: int = 10
    wrong_owner: int = 10

    @property
    def budgets(self) -> Mapping[Guesser, int]:
        """Wrong passwords by group of callers."""
        return {
            Guesser.STRANGER: self.wrong_strangers,
            Guesser.API_KEY: self.wrong_api_keys,
            Guesser.OWNER: self.wrong_owner,
        }


@attrs.define(eq=False)
class Turnstile:
    """Counts requests in moving windows."""

    limits: RateLimits
    _limiter: "MovingWindowRateLimiter | None" = attrs.field(default=None, init=False)

    async def pass_through(self, amount: int, *names: str) -> None:
        """Count a request.

        Args:
            amount: How many are allowed in any minute.
            names: What is counted, and of whom.

        Raises:
            RateLimitedError: If it is one too many; says when there is room again.
        """
        from limits import RateLimitItemPerMinute

        item = RateLimitItemPerMinute(amount)
        limiter = self._limiter = self._limiter or _make_limiter()
        if not await limiter.hit(item, *names):
            stats = await limiter.get_window_stats(item, *names)
            wait = min(max(stats.reset_time - time.time(), 1), _WINDOW_SECONDS)
            raise RateLimitedError(timedelta(seconds=math.ceil(wait)))


#: Counts for this server.
TURNSTILE: Final = web.AppKey("TURNSTILE", Turnstile)


async def limit_rate(request: web.Request, policy: Policy) -> None:
    """Count a request against the budget of its policy.

    Raises:
        RateLimitedError: If the budget is used up.
    """
    if policy.budget is Budget.NONE:
        return
    counter = request.app[TURNSTILE]
    limits = counter.limits
    if CALLER in request:
        await counter.pass_through(limits.known, "known", request[CALLER].id)
    else:
        await counter.pass_through(limits.strangers, "strangers", client_of(request))
    if policy.budget is Budget.GUESSES:
        endpoint = endpoint_of(request)
        name = endpoint.path if endpoint is not None else "other"
        await counter.pass_through(limits.guesses, name, client_of(request))


@asynccontextmanager
async def guessing(request: web.Request) -> AsyncIterator[None]:
    """Check the master password or the set-up code inside the context; every check goes here.

    Raises:
        RateLimitedError: If this caller, or callers of this kind together, guess too often.
    """
    turnstile, throttle = request.app[TURNSTILE], request.app[LOGIN_THROTTLE]
    caller, address = request.get(CALLER), client_of(request)
    if caller is None:
        guesser = Guesser.OWNER if throttle.is_proven(address) else Guesser.STRANGER
    else:
        guesser = Guesser.API_KEY if caller.session is None else Guesser.OWNER
        await turnstile.pass_through(turnstile.limits.guesses, "password", caller.id)
        if guesser is Guesser.API_KEY:  # whoever has one key makes others
            await turnstile.pass_through(turnstile.limits.guesses, "password", address)
    async with throttle.guessing(guesser, address):
        yield


def _make_limiter() -> "MovingWindowRateLimiter":
    from limits.aio.strategies import MovingWindowRateLimiter

    from aniworld_http.security.request_windows import BoundedWindows

    return MovingWindowRateLimiter(BoundedWindows())
