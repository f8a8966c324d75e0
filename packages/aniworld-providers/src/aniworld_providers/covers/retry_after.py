"""Backoff of covers: when a failed address or host may be requested again."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

import attrs

from aniworld_core.errors import CoverNotFoundError, ProviderUnavailableError

#: First and longest wait for a missing or unusable image; these change rarely.
MISSING_FIRST: Final = timedelta(hours=1)
MISSING_LONGEST: Final = timedelta(days=7)
#: First and longest wait for a site that does not answer.
AWAY_FIRST: Final = timedelta(minutes=1)
AWAY_LONGEST: Final = timedelta(hours=1)
#: Failures in a row after which the whole host has to wait.
STRIKES: Final = 3
#: Longest wait to accept from a site.
_LONGEST_ASKED: Final = timedelta(days=1)
#: Most addresses and hosts to remember; the oldest are dropped.
_MOST: Final = 4096


@attrs.frozen
class _Rest:
    until: datetime
    length: timedelta
    reason: str
    is_missing: bool = False


@attrs.define(eq=False)
class Rests:
    """Addresses without an image and hosts that do not answer; each failure doubles the wait."""

    _urls: OrderedDict[str, _Rest] = attrs.field(factory=OrderedDict, init=False)
    _hosts: OrderedDict[str, _Rest] = attrs.field(factory=OrderedDict, init=False)
    _strikes: dict[str, int] = attrs.field(factory=dict, init=False)

    def require(self, url: str, host: str, provider: str, now: datetime) -> None:
        """Raise an error if the address may not be requested yet.

        Raises:
            CoverNotFoundError: If it had no image at the last request.
            ProviderUnavailableError: If the last request failed; with the remaining wait.
        """
        for rest in (self._urls.get(url), self._hosts.get(host)):
            if rest is None or rest.until <= now:
                continue
            if rest.is_missing:
                raise CoverNotFoundError(url, rest.reason)
            raise ProviderUnavailableError(provider, rest.reason, retry_after=rest.until - now)

    def note_missing(self, url: str, host: str, reason: str, now: datetime) -> None:
        """Record that a host answers, but has no image at an address."""
        self._strikes.pop(host, None)
        self._hosts.pop(host, None)
        length = _length(self._urls.pop(url, None), MISSING_FIRST, MISSING_LONGEST)
        _keep(self._urls, url, _Rest(now + length, length, reason, is_missing=True))

    def note_away(
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
        length = _length(self._urls.pop(url, None), AWAY_FIRST, AWAY_LONGEST)
        if asked is not None:
            length = min(asked, _LONGEST_ASKED)
        _keep(self._urls, url, _Rest(now + length, length, reason))
        strikes = self._strikes.pop(host, 0) + 1
        self._strikes[host] = strikes
        if asked is not None or strikes >= STRIKES:
            former = self._hosts.pop(host, None)
            whole = length if asked is not None else _length(former, AWAY_FIRST, AWAY_LONGEST)
            _keep(self._hosts, host, _Rest(now + whole, whole, reason))
        while len(self._strikes) > _MOST:
            del self._strikes[next(iter(self._strikes))]
        return length

    def note_success(self, url: str, host: str) -> None:
        """Clear the failures of an address and its host."""
        self._urls.pop(url, None)
        self._hosts.pop(host, None)
        self._strikes.pop(host, None)


def _length(former: _Rest | None, first: timedelta, longest: timedelta) -> timedelta:
    return first if former is None else min(max(former.length * 2, first), longest)


def _keep(rests: OrderedDict[str, _Rest], name: str, rest: _Rest) -> None:
    rests[name] = rest
    while len(rests) > _MOST:
        rests.popitem(last=False)
