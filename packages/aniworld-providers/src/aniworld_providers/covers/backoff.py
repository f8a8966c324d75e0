"""Backoff of covers: when a failed address or host may be requested again."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

import attrs

from aniworld_core.domain.retry_policy import RetryPolicy
from aniworld_core.errors import CoverNotFoundError, ProviderUnavailableError

#: Waits for a missing or unusable image; these change rarely.
MISSING: Final = RetryPolicy(
    limit=None, base=timedelta(hours=1), ceiling=timedelta(days=7), jitter=0.0
)
#: Waits for a site that does not answer.
UNAVAILABLE: Final = RetryPolicy(
    limit=None, base=timedelta(minutes=1), ceiling=timedelta(hours=1), jitter=0.0
)
#: Failures in a row after which the whole host has to wait.
STRIKES: Final = 3
#: Longest wait to accept from a site.
_LONGEST_ASKED: Final = timedelta(days=1)
#: Most addresses and hosts to remember; the oldest are dropped.
_MOST: Final = 4096


@attrs.frozen
class _Wait:
    until: datetime
    failures: int
    reason: str
    is_missing: bool = False


@attrs.define(eq=False)
class CoverBackoff:
    """Addresses without an image and hosts that do not answer; each failure doubles the wait."""

    _urls: OrderedDict[str, _Wait] = attrs.field(factory=OrderedDict, init=False)
    _hosts: OrderedDict[str, _Wait] = attrs.field(factory=OrderedDict, init=False)
    _strikes: dict[str, int] = attrs.field(factory=dict, init=False)

    def require(self, url: str, host: str, provider: str, now: datetime) -> None:
        """Raise an error if the address may not be requested yet.

        Raises:
            CoverNotFoundError: If it had no image at the last request.
            ProviderUnavailableError: If the last request failed; with the remaining wait.
        """
        for wait in (self._urls.get(url), self._hosts.get(host)):
            if wait is None or wait.until <= now:
                continue
            if wait.is_missing:
                raise CoverNotFoundError(url, wait.reason)
            raise ProviderUnavailableError(provider, wait.reason, retry_after=wait.until - now)

    def note_missing(self, url: str, host: str, reason: str, now: datetime) -> None:
        """Record that a host answers, but has no image at an address."""
        self._strikes.pop(host, None)
        self._hosts.pop(host, None)
        failures = _failures(self._urls.pop(url, None))
        until = now + MISSING.delay(failures)
        _keep(self._urls, url, _Wait(until, failures + 1, reason, is_missing=True))

    def note_unavailable(
        self, url: str, host: str, reason: str, now: datetime, *, asked: timedelta | None = None
    ) -> timedelta:
        """Record that a request failed, and return the wait.

        Args:
            url: The address.
            host: Its host; waits too after several failures, or if it *asked* for a wait.
            reason: What happened.
            now: Current time.
            asked: The wait that the host asked for.
        """
        if asked is not None:
            asked = min(asked, _LONGEST_ASKED)
        failures = _failures(self._urls.pop(url, None))
        wait = UNAVAILABLE.delay(failures) if asked is None else asked
        _keep(self._urls, url, _Wait(now + wait, failures + 1, reason))
        strikes = self._strikes.pop(host, 0) + 1
        self._strikes[host] = strikes
        if asked is not None or strikes >= STRIKES:
            failures = _failures(self._hosts.pop(host, None))
            until = now + (UNAVAILABLE.delay(failures) if asked is None else asked)
            _keep(self._hosts, host, _Wait(until, failures + 1, reason))
        while len(self._strikes) > _MOST:
            del self._strikes[next(iter(self._strikes))]
        return wait

    def note_success(self, url: str, host: str) -> None:
        """Clear the failures of an address and its host."""
        self._urls.pop(url, None)
        self._hosts.pop(host, None)
        self._strikes.pop(host, None)


def _failures(former: _Wait | None) -> int:
    return 0 if former is None else former.failures


def _keep(waits: OrderedDict[str, _Wait], name: str, wait: _Wait) -> None:
    waits[name] = wait
    while len(waits) > _MOST:
        waits.popitem(last=False)
