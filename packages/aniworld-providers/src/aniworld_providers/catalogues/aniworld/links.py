"""Links of a site: build and parse them."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

import attrs

from aniworld_core.domain.identity import SeriesKey, parse_series_key
from aniworld_core.errors import InvalidKeyError
from aniworld_providers.network.pages import is_same_server

_PORTS: Final[Mapping[str, int]] = MappingProxyType({"http": 80, "https": 443})
#: Key, season and episode in the path of a page, in any layout.
_PLACE = re.compile(
    r"/(?:anime/stream|anime(?!/stream(?:/|$))|serie/stream(?=/(?!staffel-\d|filme\b)[^/])|serie)"
    r"/(?P<key>[^/]+)"
    r"(?:/(?:staffel-(?P<season>\d{1,4})|(?P<films>filme))"
    r"(?:/(?:episode|film)-(?P<number>\d{1,4}))?)?(?:/.*)?",
    re.ASCII | re.DOTALL,
)
#: Match a link that is a plain path without escapes.
_IS_PLAIN = re.compile(r"/(?!/)[A-Za-z0-9/_-]+", re.ASCII).fullmatch


@attrs.frozen
class LinkTarget:
    """The series, season or episode that a link leads to.

    Attributes:
        season: 0 for films; `None` if the link names no season.
        number: `None` if the link names no episode.
    """

    key: SeriesKey
    season: int | None = None
    number: int | None = None


def parse_link(link: str) -> LinkTarget | None:
    """Parse the path of a link, absolute or relative, of any layout and host."""
    if link.startswith("/") and _IS_PLAIN(link):
        path = link.lower()  # the fast path for nearly all links of a long list
    else:
        try:
            path = urlsplit(link.strip()).path.lower()
        except ValueError:
            return None
        path = unquote(path) if "%" in path else path
    start = max(path.find("/anime/"), path.find("/serie/"))
    match = _PLACE.fullmatch(path, max(start, 0))
    if match is None:
        return None
    try:
        key = parse_series_key(match["key"])
    except InvalidKeyError:
        return None
    season = 0 if match["films"] else _number(match["season"])
    return LinkTarget(key, season, _number(match["number"]))


def _number(text: str | None) -> int | None:
    return int(text) if text else None


@attrs.frozen(kw_only=True)
class SiteLinks:
    """Links of one site.

    Attributes:
        base: Base URL of the site, without a slash at the end.
        hosts: Further host names of the site.
        root: Path before the key of a series, such as `/anime/stream`.
        films: Path segment of the list of films, and of one film below it.
    """

    base: str
    hosts: frozenset[str]
    root: str
    films: tuple[str, str]

    def series(self, key: SeriesKey) -> str:
        """Return the link of a series."""
        return f"{self.base}{self.root}/{key}"

    def season(self, key: SeriesKey, season: int) -> str:
        """Return the link of a season; films are season 0."""
        return f"{self.series(key)}/{f'staffel-{season}' if season else self.films[0]}"

    def episode(self, key: SeriesKey, season: int, number: int) -> str:
        """Return the link of an episode."""
        name = "episode" if season else self.films[1]
        return f"{self.season(key, season)}/{name}-{number}"

    def page(self, path: str) -> str:
        """Return the link of any other page."""
        return f"{self.base}{path}"

    def picture(self, link: str, page: str = "") -> str | None:
        """Return the absolute link of an image, or `None` if it is not a web link."""
        return web_link(page or f"{self.base}/", link)

    def owns(self, link: str) -> bool:
        """Return whether a link leads to the site, by its base URL or another host name."""
        try:
            parts, own = urlsplit(link.strip()), urlsplit(self.base)
            if parts.scheme not in _PORTS or "@" in parts.netloc:
                return False
            if is_same_server(parts, own, ignore_www=True):
                return parts.path.startswith(f"{own.path}/") or parts.path == own.path
            return _host(parts) in self.hosts and parts.port in {None, *_PORTS.values()}
        except ValueError:
            return False

    def target(self, link: str) -> LinkTarget | None:
        """Parse a link to the site; return `None` for foreign links and other pages."""
        return parse_link(link) if self.owns(link) else None

    def key_of(self, target: str) -> SeriesKey | None:
        """Return the key of a series from a bare key, a path or a link.

        Returns `None` for links to an episode and for any other link.
        """
        target = target.strip()
        if "/" not in target:
            target = f"{self.root}/{target}"
        found = parse_link(target)
        if found is None or not urlsplit(target).path.lower().rstrip("/").endswith(f"/{found.key}"):
            return None
        return found.key if found.season is None else None


def web_link(base: str, link: str) -> str | None:
    """Make a link of a page absolute; return `None` if it is not a web link."""
    try:
        url = urljoin(base, link.strip())
        parts = urlsplit(url)
        is_web = parts.scheme in _PORTS and bool(parts.hostname) and "@" not in parts.netloc
        _ = parts.port
    except ValueError:
        return None
    return quote(url, safe="".join(map(chr, range(0x21, 0x7F)))) if is_web else None


def is_same_host(first: str, second: str) -> bool:
    """Return whether two links lead to the same host; `www.` is ignored."""
    return host_of(first) == host_of(second)


def host_of(link: str) -> str:
    """Return the host of a link, without `www.`."""
    return _host(urlsplit(link))


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").removeprefix("www.")
