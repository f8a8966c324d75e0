"""Rate limits: anonymous clients are counted by address, others by session or API key."""

import math
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import attrs
from aiohttp import web

from aniworld_core.domain.access import folded_user_name
from aniworld_core.errors import RateLimitedError
from aniworld_http.operations import Budget, endpoint_of
from aniworld_http.security.callers import CALLER
from aniworld_http.security.client_addresses import client_of
from aniworld_http.security.login_throttle import LOGIN_THROTTLE, GuessGroup

if TYPE_CHECKING:
    from limits.aio.strategies import MovingWindowRateLimiter

_WINDOW_SECONDS: Final = 60


@attrs.frozen(kw_only=True)
class RateLimits:
    """Requests and wrong passwords allowed within any 60 seconds.

    Attributes:
        guesses: Sign-in requests, and set-up requests, of one client.
        anonymous: Requests of one client without a valid token or API key.
        identified: Requests of one session or API key.
        sign_ins: Sign-in requests with the name of one account, from addresses that its
            password never came from. They are counted whether or not the account exists.
        wrong_anonymous: Wrong passwords of all clients without a valid token together.
        wrong_api_keys: Wrong passwords of all API keys together.
        wrong_owner: Wrong passwords of all sessions of the master password and of all addresses
            from which it came, together.
        wrong_accounts: Wrong passwords of all sessions of accounts, and of all addresses for the
            account whose password came from there, together.
    """

    guesses: int = 5
    sign_ins: int = 10
    anonymous: int = 60
    identified: int = 1200
    wrong_anonymous: int = 20
    wrong_api_keys: int = 10
    wrong_owner: int = 10
    wrong_accounts: int = 10

    @property
    def budgets(self) -> Mapping[GuessGroup, int]:
        """Wrong passwords by group of callers."""
        return {
            GuessGroup.ANONYMOUS: self.wrong_anonymous,
            GuessGroup.API_KEY: self.wrong_api_keys,
            GuessGroup.OWNER: self.wrong_owner,
            GuessGroup.ACCOUNT: self.wrong_accounts,
        }


@attrs.define(eq=False)
class RequestCounter:
    """Counts requests in moving windows of a minute."""

    limits: RateLimits
    _limiter: "MovingWindowRateLimiter | None" = attrs.field(default=None, init=False)

    async def count_request(self, amount: int, *names: str) -> None:
        """Count a request.

        Args:
            amount: Requests allowed within any minute.
            names: Limit and client that the request counts for.

        Raises:
            RateLimitedError: If the limit is exceeded; contains the time until the next try.
        """
        from limits import RateLimitItemPerMinute

        item = RateLimitItemPerMinute(amount)
        limiter = self._limiter = self._limiter or _make_limiter()
        if not await limiter.hit(item, *names):
            stats = await limiter.get_window_stats(item, *names)
            wait = min(max(stats.reset_time - time.time(), 1), _WINDOW_SECONDS)
            raise RateLimitedError(timedelta(seconds=math.ceil(wait)))


#: The counter of this server.
REQUEST_COUNTER: Final = web.AppKey("REQUEST_COUNTER", RequestCounter)


async def limit_rate(request: web.Request, budget: Budget) -> None:
    """Count a request against a budget.

    Raises:
        RateLimitedError: If the budget is used up.
    """
    counter = request.app[REQUEST_COUNTER]
    limits = counter.limits
    if CALLER in request:
        await counter.count_request(limits.identified, "identified", request[CALLER].id)
    else:
        await counter.count_request(limits.anonymous, "anonymous", client_of(request))
    if budget is Budget.GUESSES:
        endpoint = endpoint_of(request)
        name = endpoint.path if endpoint is not None else "other"
        await counter.count_request(limits.guesses, name, client_of(request))


@asynccontextmanager
async def checking_password(
    request: web.Request, *, name: str | None = None
) -> AsyncIterator[None]:
    """Count a check of a password or the set-up code, made inside the context.

    Every such check is made inside this context.

    Args:
        request: The request of the caller.
        name: Name of the account whose password is checked; `None` for the master password.

    Raises:
        RateLimitedError: If this caller, or its group of callers, made too many wrong guesses.
    """
    counter, throttle = request.app[REQUEST_COUNTER], request.app[LOGIN_THROTTLE]
    caller, address = request.get(CALLER), client_of(request)
    user = None if name is None else folded_user_name(name)
    place = address if user is None else f"{user} {address}"
    if caller is None:
        known = GuessGroup.OWNER if user is None else GuessGroup.ACCOUNT
        group = known if throttle.is_proven(place) else GuessGroup.ANONYMOUS
        if group is GuessGroup.ANONYMOUS and user is not None:
            await counter.count_request(counter.limits.sign_ins, "account", user)
    else:
        known = GuessGroup.OWNER if caller.account is None else GuessGroup.ACCOUNT
        group = GuessGroup.API_KEY if caller.session is None else known
        await counter.count_request(counter.limits.guesses, "password", caller.id)
        if group is GuessGroup.API_KEY:  # an admin key can create more keys
            await counter.count_request(counter.limits.guesses, "password", address)
    async with throttle.checking_password(group, place):
        yield


def _make_limiter() -> "MovingWindowRateLimiter":
    from limits.aio.strategies import MovingWindowRateLimiter

    from aniworld_http.security.request_windows import BoundedWindows

    return MovingWindowRateLimiter(BoundedWindows())
