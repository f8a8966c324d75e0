"""Space the jobs of yt-dlp for each host, as its options `sleep_interval` do for one run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final, Self

import anyio
import attrs

from aniworld_core.domain.retry_policy import RetryPolicy
from aniworld_core.errors import AniworldError, ProviderUnavailableError
from aniworld_core.messages import Message, kind_of, values_of
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext

#: Waits after a rate limit that names no time; each further one in a row doubles the wait.
UNSTATED: Final = RetryPolicy(
    limit=None, base=timedelta(minutes=1), ceiling=timedelta(hours=1), jitter=0.0
)
#: Longest wait to accept from a site.
_LONGEST: Final = timedelta(days=1)
#: Most hosts to remember.
_MOST: Final = 1000
_TOO_MANY: Final = 429


@attrs.define(eq=False)
class _Host:
    lock: anyio.Lock = attrs.field(factory=anyio.Lock)
    job_ended: datetime | None = None
    download_ended: datetime | None = None
    refused_until: datetime | None = None
    refusals: int = 0


@attrs.frozen(kw_only=True)
class Pauses:
    """Pauses before a job at a host.

    Attributes:
        requests: Least time since the last job of any kind.
        downloads: Least time since the last download; `None` if the job is no download.
    """

    requests: timedelta = timedelta()
    downloads: timedelta | None = None


@attrs.define(eq=False, kw_only=True)
class HostPace:
    """One job at a time for each host, with a pause between two of them.

    The catalogue and the resolver share it, so listings and downloads at one host together send
    no more requests than one of them. After a rate limit the host gets no request until the wait
    is over.
    """

    _clock: Clock
    _hosts: dict[str, _Host] = attrs.field(factory=dict, init=False)

    @classmethod
    def of(cls, context: AdapterContext) -> Self:
        """Return the pace that all adapters of an application share."""
        return context.shared.of(cls, lambda: cls(clock=context.clock))

    @asynccontextmanager
    async def turn(self, host: str, name: str, pauses: Pauses) -> AsyncIterator[None]:
        """Wait until a job for a host may start; the body is the job.

        Args:
            host: The host.
            name: What errors call it.
            pauses: The pauses before the job.

        Raises:
            ProviderUnavailableError: If the host refused requests a short time ago.
        """
        place = self._of(host)
        async with place.lock:
            now = self._clock.now()
            left = place.refused_until - now if place.refused_until else timedelta()
            if timedelta() < left <= _LONGEST:
                raise ProviderUnavailableError(
                    name, Message("site_asked_for_pause"), retry_after=left
                )
            if (wait := _wait(place, pauses, now)) > timedelta():
                await self._clock.sleep(wait)
            try:
                yield
            finally:
                place.job_ended = self._clock.now()
                if pauses.downloads is not None:
                    place.download_ended = place.job_ended

    def noted(self, host: str, failure: AniworldError | None) -> AniworldError | None:
        """Record the result of a job, and return its error with the wait for a rate limit."""
        place = self._of(host)
        if not isinstance(failure, ProviderUnavailableError) or not _is_rate_limit(failure):
            if failure is None:
                place.refusals, place.refused_until = 0, None
            return failure
        wait = failure.retry_after or UNSTATED.delay(place.refusals)
        wait = min(wait, _LONGEST)
        place.refusals += 1
        place.refused_until = self._clock.now() + wait
        return ProviderUnavailableError(failure.provider, failure.reason, retry_after=wait)

    def _of(self, host: str) -> _Host:
        place = self._hosts.get(host)
        if place is None:
            if len(self._hosts) >= _MOST:
                self._forget_one()
            place = self._hosts[host] = _Host()
        return place

    def _forget_one(self) -> None:
        for host, place in self._hosts.items():
            if not place.lock.statistics().locked:
                del self._hosts[host]
                return


def _wait(place: _Host, pauses: Pauses, now: datetime) -> timedelta:
    """Return the time until a job may start."""
    gaps = ((place.job_ended, pauses.requests), (place.download_ended, pauses.downloads))
    # Limited to the pause in case the system clock is set back.
    waits = [min(end + gap - now, gap) for end, gap in gaps if end is not None and gap is not None]
    return max(waits, default=timedelta())


def _is_rate_limit(failure: ProviderUnavailableError) -> bool:
    kind = kind_of(failure.reason)
    if kind == "http_status":
        return values_of(failure.reason).get("status") == _TOO_MANY
    return kind == "site_asked_for_pause"
