"""Keep to the rate limit of an API, also as its answers state it."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import anyio
import attrs

from aniworld_core.errors import ProviderUnavailableError
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_providers.network.pages import Page, page_wait

#: Wait after a refusal that names no time; both sites count requests per minute or less.
_UNSTATED: Final = timedelta(minutes=1)
_LONGEST: Final = timedelta(hours=1)
#: Longest wait inside a request; the caller handles longer ones.
_WAITED: Final = timedelta(seconds=5)


@attrs.define(eq=False, kw_only=True)
class RequestPace:
    """Space the requests to one API.

    `X-RateLimit-Limit` replaces the number of requests per minute, `X-RateLimit-Remaining: 0`
    and status 429 stop requests until `Retry-After`, `X-RateLimit-Reset` or one minute later.

    Attributes:
        per_minute: Requests per minute until an answer states another number.
    """

    name: str
    per_minute: int
    _clock: Clock
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)
    _next: datetime | None = attrs.field(default=None, init=False)

    async def wait(self) -> None:
        """Wait until the next request may be sent.

        Raises:
            ProviderUnavailableError: If that takes more than five seconds.
        """
        async with self._lock:
            left = (self._next - self._clock.now()) if self._next else timedelta()
            if left > _LONGEST:
                left = timedelta()  # The clock was set back.
            if left > _WAITED:
                raise ProviderUnavailableError(
                    self.name, Message("asked_to_wait"), retry_after=left
                )
            if left > timedelta():
                await self._clock.sleep(left)
            self._next = self._clock.now() + timedelta(minutes=1) / self.per_minute

    def check(self, page: Page) -> None:
        """Note the limits that an answer states.

        Raises:
            ProviderUnavailableError: If the request was refused because of the rate limit.
        """
        limit = _number(page.headers.get("x-ratelimit-limit", ""))
        if limit:
            self.per_minute = min(limit, 600)
        if page.status == 429:
            raise self.refused(page)
        if _number(page.headers.get("x-ratelimit-remaining", "")) == 0:
            self._hold(page)

    def refused(self, page: Page) -> ProviderUnavailableError:
        """Return the error of a request beyond the rate limit; hold later requests back."""
        wait = self._hold(page)
        reason = Message("http_status", status=429)
        return ProviderUnavailableError(self.name, reason, retry_after=wait)

    def _hold(self, page: Page) -> timedelta:
        now = self._clock.now()
        # Times in an answer are by the clock of the site, which may differ from ours by hours.
        theirs = _date(page.headers.get("date", "")) or now
        wait = page_wait(page.headers.get("retry-after", ""), theirs)
        reset = _number(page.headers.get("x-ratelimit-reset", ""))
        if wait is None and reset:
            try:
                wait = datetime.fromtimestamp(reset, UTC) - theirs
            except (ValueError, OverflowError, OSError):
                wait = None
        if wait is None or wait <= timedelta():
            wait = _UNSTATED
        wait = min(wait, _LONGEST)
        self._next = now + wait
        return wait


def _date(value: str) -> datetime | None:
    """Return the time of a `Date` header, or `None`."""
    try:
        return parsedate_to_datetime(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 12 else None
