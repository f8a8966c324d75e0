"""What is not asked for again for a while, because it could not be had."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

import attrs

from aniworld_core.errors import CoverNotFoundError, ProviderUnavailableError

#: What a site does not have, or has in a form of no use, changes rarely.
MISSING_FIRST: Final = timedelta(hours=1)
MISSING_LONGEST: Final = timedelta(days=7)
#: A site that does not answer may be back soon.
AWAY_FIRST: Final = timedelta(minutes=1)
AWAY_LONGEST: Final = timedelta(hours=1)
#: Failures in a row after which not only an address but its whole host is left alone.
STRIKES: Final = 3
#: A site that asks for more than this asks for nonsense.
_LONGEST_ASKED: Final = timedelta(days=1)
#: So many are remembered, the latest.
_MOST: Final = 4096


@attrs.frozen
class _Rest:
    until: datetime
    length: timedelta
    reason: str
    is_missing: bool = False


@attrs.define(eq=False)
class Rests:
    """Addresses without a picture, and hosts that do not answer; each failure doubles the rest."""

    _urls: OrderedDict[str, _Rest] = attrs.field(factory=OrderedDict, init=False)
    _hosts: OrderedDict[str, _Rest] = attrs.field(factory=OrderedDict, init=False)
    _strikes: dict[str, int] = attrs.field(factory=dict, init=False)

    def require(self, url: str, host: str, provider: str, now: datetime) -> None:
        """Make sure that the address may be asked for now.

        Raises:
            CoverNotFoundError: If there was no picture lately.
            ProviderUnavailableError: If it could not be had lately; with the time left.
        """
        for rest in (self._urls.get(url), self._hosts.get(host)):
            if rest is None or rest.until <= now:
                continue
            if rest.is_missing:
                raise CoverNotFoundError(url, rest.reason)
            raise ProviderUnavailableError(provider, rest.reason, retry_after=rest.until - now)

    def note_missing(self, url: str, host: str, reason: str, now: datetime) -> None:
        """Remember that a host, which does answer, has no picture at an address."""
        self._strikes.pop(host, None)
        self._hosts.pop(host, None)
        length = _length(self._urls.pop(url, None), MISSING_FIRST, MISSING_LONGEST)
        _keep(self._urls, url, _Rest(now + length, length, reason, is_missing=True))

    def note_away(
        self, url: str, host: str, reason: str, now: datetime, *, asked: timedelta | None = None
    ) -> timedelta:
        """Remember that an address could not be had; returns how long it is left alone.

        Args:
            url: The address.
            host: Whose it is; left alone as well if it fails often, or *asked* for it.
            reason: What happened.
            now: When.
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
        """Forget what was held against them."""
        self._urls.pop(url, None)
        self._hosts.pop(host, None)
        self._strikes.pop(host, None)


def _length(former: _Rest | None, first: timedelta, longest: timedelta) -> timedelta:
    return first if former is None else min(max(former.length * 2, first), longest)


def _keep(rests: OrderedDict[str, _Rest], name: str, rest: _Rest) -> None:
    rests[name] = rest
    while len(rests) > _MOST:
        rests.popitem(last=False)
