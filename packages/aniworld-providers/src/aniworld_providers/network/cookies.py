"""Cookies of one transfer, as RFC 6265 sections 5.1 to 5.4 have them.

Some servers set a cookie with the playlist and refuse segments and keys to a client without it.
A jar belongs to one transfer and is dropped with it, so no cookie is kept or shared.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import attrs

from aniworld_core.ports.clock import Clock
from aniworld_providers.network.guard import Target, parse_address

#: Most cookies in a jar, and the longest name with value in bytes (RFC 6265 section 6.1).
_MOST_COOKIES: Final = 200
_LONGEST_COOKIE: Final = 4096
_LONGEST_PATH: Final = 1024
#: Second-level labels below which countries register names, as in `co.uk` and `com.au`.
_SECOND_LEVEL: Final = frozenset(
    (
        *("ac", "co", "com", "edu", "gob", "gouv", "gov", "go", "ltd", "me", "mil"),
        *("ne", "net", "nom", "or", "org", "plc", "sch"),
    )
)
#: `Max-Age` with more digits is treated as unlimited.
_LONGEST_NUMBER: Final = 9


@attrs.frozen(kw_only=True)
class _Cookie:
    """A stored cookie.

    Attributes:
        domain: The host, or the parent domain that the cookie is for.
        port: The only port it is sent to; `None` for any.
    """

    name: str
    value: str = attrs.field(repr=False)
    domain: str
    host_only: bool
    port: int | None
    path: str
    secure: bool
    expires: datetime | None

    @property
    def key(self) -> tuple[str, int | None, str, str]:
        """What a later cookie replaces it by."""
        return self.domain, self.port, self.path, self.name

    def fits(self, target: Target, path: str) -> bool:
        """Whether it is sent with a request."""
        host = target.host.lower().rstrip(".")
        is_host = host == self.domain
        if not is_host and (self.host_only or not _is_below(host, self.domain)):
            return False
        if self.port is not None and self.port != target.port:
            return False
        if self.secure and target.scheme != "https":
            return False
        return path == self.path or (
            path.startswith(self.path) and (self.path.endswith("/") or path[len(self.path)] == "/")
        )


@attrs.define(eq=False)
class CookieJar:
    """The cookies of one transfer. Bounded in number and size.

    A cookie of an address or of a single-label name is sent to the same port only: different
    ports of one machine are different servers there. This is stricter than RFC 6265.

    Attributes:
        revision: Grows with each change, so that a redirect loop differs from a redirect
            that sets a cookie.
    """

    _clock: Clock
    _cookies: dict[tuple[str, int | None, str, str], _Cookie] = attrs.field(
        factory=dict, repr=False
    )
    revision: int = 0

    def store(self, headers: Iterable[str], target: Target, path: str) -> None:
        """Store the `Set-Cookie` headers of an answer; those that break a rule are ignored.

        Args:
            headers: The values of the headers.
            target: Who answered.
            path: The path of the request, without query.
        """
        for header in headers:
            cookie = _parse(header, target, path, self._clock.now())
            if cookie is None:
                continue
            before = self._cookies.pop(cookie.key, None)
            is_over = cookie.expires is not None and cookie.expires <= self._clock.now()
            if not is_over:
                self._cookies[cookie.key] = cookie
            if before != (None if is_over else cookie):
                self.revision += 1
            while len(self._cookies) > _MOST_COOKIES:
                del self._cookies[next(iter(self._cookies))]

    def header(self, target: Target, path: str, given: str = "") -> str:
        """Return the `Cookie` header of a request; empty if there is none.

        Args:
            target: Address of the request.
            path: The path of the request, without query.
            given: A `Cookie` header that came with the link; stored cookies replace its values.
        """
        now = self._clock.now()
        found = [
            cookie
            for cookie in self._cookies.values()
            if (cookie.expires is None or cookie.expires > now) and cookie.fits(target, path)
        ]
        # Longer paths first (RFC 6265 section 5.4); the order of arrival is kept within.
        found.sort(key=lambda cookie: -len(cookie.path))
        names = {cookie.name for cookie in found}
        pairs = [pair.strip() for pair in given.split(";")]
        kept = [pair for pair in pairs if pair and pair.partition("=")[0].strip() not in names]
        return "; ".join((*kept, *(f"{cookie.name}={cookie.value}" for cookie in found)))


def _parse(header: str, target: Target, path: str, now: datetime) -> _Cookie | None:
    """Read a `Set-Cookie` header (RFC 6265 section 5.2); `None` if it is to be ignored."""
    pair, *attributes = header.split(";", 64)
    name, equals, value = (part.strip(" \t") for part in pair.partition("="))
    if not equals:
        name, value = "", name
    if not (name or value) or len(name) + len(value) > _LONGEST_COOKIE:
        return None
    if any(not " " <= character < "\x7f" for character in f"{name}{value}"):
        return None
    found: dict[str, str] = {}
    for attribute in attributes:
        word, _, setting = attribute.partition("=")
        found[word.strip().lower()] = setting.strip()
    scope = _scope(found.get("domain", ""), target)
    if scope is None:
        return None
    domain, host_only, port = scope
    return _Cookie(
        name=name,
        value=value,
        domain=domain,
        host_only=host_only,
        port=port,
        path=_path(found.get("path", ""), path),
        secure="secure" in found,
        expires=_expires(found, now),
    )


def _scope(asked: str, target: Target) -> tuple[str, bool, int | None] | None:
    """Return domain, whether it is for that host only, and port; `None` for a foreign domain."""
    host = target.host.lower().rstrip(".")
    asked = asked.lower().strip().lstrip(".").rstrip(".")
    if parse_address(host) is not None or "." not in host:
        return (host, True, target.port) if asked in {"", host} else None
    if asked in {"", host}:
        return host, not asked, None
    if not _is_below(host, asked) or _is_public_suffix(asked):
        return None
    return asked, False, None


def _is_below(host: str, domain: str) -> bool:
    return host.endswith(f".{domain}") and parse_address(host) is None


def _is_public_suffix(domain: str) -> bool:
    """Whether names below a domain belong to different owners, as far as its form shows."""
    *_, second, top = ("", *domain.split("."))
    return second == "" or (domain.count(".") == 1 and len(top) == 2 and second in _SECOND_LEVEL)


def _path(asked: str, path: str) -> str:
    """Return the path of a cookie (RFC 6265 section 5.1.4)."""
    if asked.startswith("/") and len(asked) <= _LONGEST_PATH:
        return asked
    return path[: path.rindex("/")] or "/" if path.startswith("/") else "/"


def _expires(found: dict[str, str], now: datetime) -> datetime | None:
    age = found.get("max-age", "")
    digits = age.removeprefix("-")
    if digits.isascii() and digits.isdigit():
        if age.startswith("-"):
            return now
        return now + timedelta(seconds=int(digits)) if len(digits) <= _LONGEST_NUMBER else None
    date = found.get("expires", "")
    if not date or len(date) > 64:
        return None
    try:
        # Browsers take `Wed, 21-Oct-2026 07:28:00 GMT`, too.
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
