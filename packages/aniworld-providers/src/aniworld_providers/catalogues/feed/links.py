"""Links of feeds: recognise them without a request, and make keys of them."""

import hashlib
import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from aniworld_core.domain.identity import MAX_KEY_LENGTH, SeriesKey, key_from_name

#: `feed:` and its variants mark any link as one of a feed: `feed:https://…`, `feed://…`.
_PREFIX: Final = re.compile(r"(?:feed|podcast|itpc|pcast|rss):(?P<rest>(?://)?.*)", re.IGNORECASE)
_FILES: Final = re.compile(
    r".*\.(?:rss|atom|rdf)|(?:feeds?|rss2?|atom|podcast|index|videos|mrss)\.(?:xml|json|php)"
)
_FOLDERS: Final = frozenset({"feed", "feeds", "rss", "rss2", "atom", "mrss"})
_HOSTS: Final = ("feed.", "feeds.", "rss.")
_PARAMETERS: Final = frozenset({"feed", "format", "type", "output", "alt"})
_FORMATS: Final = frozenset({"rss", "rss2", "atom", "mrss", "feed", "podcast", "jsonfeed"})
_NOT_FEEDS: Final = re.compile(r"index\.(?:json|php)|.*\.(?:html?|mp4|mkv|webm|m3u8|mpd)")
#: Top-level domains that never exist on the internet (RFC 6761).
_NO_SITES: Final = (".invalid", ".example", ".test")
_LONGEST: Final = 2048


def web_link(text: str) -> str:
    """Return the http link of a text, without the `feed:` prefix; empty if it is none."""
    rest = text.strip()
    match = _PREFIX.fullmatch(rest)
    if match is not None:
        rest = match["rest"]
        if "://" not in rest:
            rest = f"http://{rest.removeprefix('//')}"
    try:
        parts = urlsplit(rest)
        host = (parts.hostname or "").rstrip(".")
        usable = parts.scheme in {"http", "https"} and bool(host) and parts.port != 0
    except ValueError:
        return ""
    is_plain = rest.isprintable() and " " not in rest and "@" not in parts.netloc
    if not usable or not is_plain or len(rest) > _LONGEST or host.endswith(_NO_SITES):
        return ""
    return parts._replace(netloc=parts.netloc.lower(), fragment="").geturl()


def is_feed_link(text: str) -> bool:
    """Return whether a link has the `feed:` prefix, or looks like that of a feed."""
    link = web_link(text)
    if not link:
        return False
    if _PREFIX.fullmatch(text.strip()):
        return True
    parts = urlsplit(link.lower())
    names = [name for name in parts.path.split("/") if name]
    last = names[-1] if names else ""
    if any(
        key in _PARAMETERS and value in _FORMATS
        for key, value in parse_qsl(parts.query, max_num_fields=None)
    ):
        return True
    if _NOT_FEEDS.fullmatch(last):
        return False
    is_file = _FILES.fullmatch(last) is not None or last in _FOLDERS
    return is_file or (parts.hostname or "").startswith(_HOSTS)


def key_of_link(link: str) -> SeriesKey:
    """Return the key of a feed: the words of its link, with a digest.

    http and https lead to the same feed.
    """
    parts = urlsplit(link)
    where = f"{parts.netloc}{parts.path}?{parts.query}"
    digest = hashlib.sha256(where.encode("utf-8", "replace")).hexdigest()[:8]
    path = parts.path.rpartition(".")[0] or parts.path
    slug = key_from_name(f"{(parts.hostname or '').removeprefix('www.')} {path}") or "feed"
    return SeriesKey(f"{slug[: MAX_KEY_LENGTH - 9].rstrip('-')}-{digest}")
