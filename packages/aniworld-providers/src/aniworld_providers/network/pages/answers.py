"""What a page client asks and what the answers mean."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final, Self
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit, urlunsplit

import attrs

from aniworld_core.errors import (
    InvalidConfigError,
    InvalidLinkError,
    NeedsPersonError,
    ProviderChangedError,
    ProviderDeniedError,
    SourceGoneError,
)
from aniworld_core.ports.clock import Clock

#: Longest wait that is believed; a site asking for more is asking for nonsense.
_LONGEST_WAIT = timedelta(days=7)
_PASSING: Final = frozenset({408, 425, 429})
#: How bot checks give themselves away, as collected from reports of users.
_CHALLENGE = re.compile(
    r"ddos-guard|checking your browser|cf-turnstile|challenge-platform|captcha"
    r"|<title>\s*just a moment",
    re.IGNORECASE,
)
#: Every printable character of ASCII: what a link holds already is left as it is.
_KEPT = "".join(map(chr, range(0x21, 0x7F)))
#: How far into an answer they are looked for.
_CHALLENGE_WITHIN = 256 * 1024


class PageMissingError(SourceGoneError):
    """The site answers that it has no such page."""

    def __init__(self, url: str, status: int) -> None:
        super().__init__(url, f"the site answers {status}")
        self.url = url
        self.status = status


class NotJsonError(ProviderChangedError):
    """An answer that should be JSON is something else."""

    def __init__(self, provider: str, url: str) -> None:
        super().__init__(provider, f"JSON at {urlsplit(url).path}")
        self.url = url


class PassingFaultError(Exception):
    """Something that another attempt may not meet; never leaves the page client.

    Attributes:
        reason: What happened, for people.
        host: Who is to blame.
        retry_after: The wait the site asked for, if it did.
    """

    def __init__(self, reason: str, host: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.host = host
        self.retry_after = retry_after


def _read_only(headers: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(headers))


@attrs.frozen(kw_only=True)
class Page:
    """An answer.

    Attributes:
        url: Where it came from after redirects.
        text: The body, decoded.
        headers: By lower-case name.
    """

    status: int
    url: str
    text: str
    headers: Mapping[str, str] = attrs.field(converter=_read_only)


@attrs.frozen(kw_only=True)
class Asked:
    """A request.

    Attributes:
        accepts: Statuses that are answers, whatever they mean otherwise.
        wants_body: Whether more than status and headers is of interest.
        stays: Whether a redirect to another origin is refused.
        holds: How long a kept answer is good enough, whatever the site says about that.
    """

    url: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    fresh: bool = False
    method: str = "GET"
    body: bytes = attrs.field(default=b"", repr=False)
    accepts: frozenset[int] = frozenset()
    wants_body: bool = True
    stays: bool = False
    holds: timedelta = timedelta()

    @classmethod
    def of(
        cls,
        url: str,
        params: Mapping[str, str] | Sequence[tuple[str, str]] | None,
        headers: Mapping[str, str] | None,
        *,
        fresh: bool,
    ) -> Self:
        """Make a request with *params* added to the query of *url*.

        Raises:
            InvalidLinkError: If *url* is no link.
        """
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise InvalidLinkError(url, "it is no link") from error
        query = "&".join(filter(None, (parts.query, urlencode(params or {}))))
        return cls(url=_tidy(parts._replace(query=query)), headers=dict(headers or {}), fresh=fresh)

    @property
    def host(self) -> str:
        """Who is asked, with the port where it is named."""
        return urlsplit(self.url).netloc.lower()

    @property
    def origin(self) -> str:
        """Scheme, host and port of the server asked."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    @property
    def has_credentials(self) -> bool:
        """Whether it says who is asking."""
        return any(name.lower() in {"authorization", "x-emby-token"} for name in self.headers)

    def redirected(self, target: str) -> Self:
        """Follow a redirect; to another origin nothing of the caller's goes along."""
        url = urljoin(self.url, target)
        old, new = urlsplit(self.url), urlsplit(url)
        same = (old.scheme, old.netloc) == (new.scheme, new.netloc)
        accept = {name: v for name, v in self.headers.items() if name.lower() == "accept"}
        return attrs.evolve(
            self,
            url=_tidy(new),
            headers=self.headers if same else accept,
        )


def _tidy(parts: SplitResult) -> str:
    """Write a link as it is sent: without fragment, spaces and umlauts percent-encoded."""
    return urlunsplit(
        parts._replace(
            path=quote(parts.path, safe=_KEPT), query=quote(parts.query, safe=_KEPT), fragment=""
        )
    )


def judge(page: Page, asked: Asked, *, provider: str, site: str, clock: Clock) -> None:
    """Do nothing about a good answer and raise what any other one means.

    Raises:
        PassingFaultError: If it may be another one soon.
        PageMissingError: If there is no such page.
        ProviderDeniedError: If credentials were refused.
        NeedsPersonError: If the site wants a person.
        ProviderChangedError: If the request makes no sense to it.
    """
    status = page.status
    if 200 <= status < 300:
        return
    if has_challenge(page.text):
        raise NeedsPersonError(site, page.url, "it asks for a bot check")
    if status in _PASSING or status >= 500:
        wait = retry_after(page.headers.get("retry-after", ""), clock.now())
        raise PassingFaultError(f"it answers HTTP {status}", asked.host, wait)
    if status in {404, 410}:
        raise PageMissingError(page.url, status)
    if status in {401, 403} and asked.has_credentials:
        raise ProviderDeniedError(provider)
    if status == 401:
        raise NeedsPersonError(site, page.url, "it asks for a login")
    if status == 403:
        raise NeedsPersonError(site, page.url, "it refuses this program or this address")
    if status == 451:
        raise NeedsPersonError(site, page.url, "it is not available in this region")
    raise ProviderChangedError(provider, f"a usable answer (HTTP {status})")


def has_challenge(text: str) -> bool:
    """Whether an answer looks like a check for bots."""
    return _CHALLENGE.search(text, 0, _CHALLENGE_WITHIN) is not None


def retry_after(value: str, now: datetime) -> timedelta | None:
    """Read a `Retry-After` header: seconds or a date (RFC 9110, section 10.2.3).

    Returns:
        A wait of zero to seven days, or `None` if the header is missing or malformed.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=min(int(value[:9]), 10**8)), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta()), _LONGEST_WAIT)


def origin_of(url: str, pointer: str = "") -> str:
    """Return the `host:port` of a configured link, as the address guard lists it.

    Args:
        url: The link.
        pointer: Where it stands in the configuration, for the error.

    Raises:
        InvalidConfigError: If it is no `http` or `https` link with a host.
    """
    try:
        parts = urlsplit(url.strip())
        default = {"http": 80, "https": 443}.get(parts.scheme, 0)
        host, port = parts.hostname or "", default and (parts.port or default)
    except ValueError:
        host, port = "", 0
    if not host or not port:
        raise InvalidConfigError([(pointer, f"{url!r} is no http or https link")])
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
