"""Decide what a link of an item is: video, a page with a video, only audio, or something else."""

import enum
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import attrs

from aniworld_core.domain.catalogue import MAX_SECONDS
from aniworld_core.domain.media import StreamKind
from aniworld_providers.catalogues.feed.feed import FeedMedia
from aniworld_providers.media.link_kinds import kind_by_suffix, suffix_of

_MANIFESTS: Final = {
    "application/vnd.apple.mpegurl": StreamKind.HLS,
    "application/x-mpegurl": StreamKind.HLS,
    "audio/mpegurl": StreamKind.HLS,
    "audio/x-mpegurl": StreamKind.HLS,
    "application/dash+xml": StreamKind.DASH,
}
#: Types that servers use when they do not know better.
_UNKNOWN: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_PLAYERS: Final = frozenset({"application/x-shockwave-flash", "text/html"})
_AUDIO_SUFFIXES: Final = frozenset(
    {"mp3", "m4a", "m4b", "aac", "ogg", "oga", "opus", "flac", "wav", "wma"}
)
_LONGEST_LINK: Final = 4096
_LONGEST_DURATION: Final = 16
_DURATION_PART: Final = re.compile(r"[0-9]++(?:\.[0-9]++)?+", re.ASCII)
#: Most offers of one item.
_MOST_OFFERS: Final = 50


class Content(enum.Enum):
    """What a link of an item leads to."""

    VIDEO = enum.auto()
    PLAYER = enum.auto()
    AUDIO = enum.auto()
    OTHER = enum.auto()


@attrs.frozen
class Offer:
    """A link of an item with what the feed states about it."""

    content: Content
    media: FeedMedia


def offer_of(raw: Mapping[str, Any], base: str) -> Offer | None:
    """Return the offer of a link; `None` if it is no http link.

    Args:
        raw: `url` or `href`, and `type`, `medium`, `height` and `lang` as the feed states them.
        base: Link of the feed, for relative links.
    """
    url = link_of(raw.get("url") or raw.get("href"), base)
    if not url:
        return None
    content, kind = _judged(url, _word(raw.get("type")), _word(raw.get("medium")))
    return Offer(
        content,
        FeedMedia(
            url=url,
            kind=kind,
            height=whole_of(raw.get("height"), 10_000),
            language=_word(raw.get("lang")) or None,
        ),
    )


def media_of(offers: Iterable[Offer], page: str) -> tuple[tuple[FeedMedia, ...], bool]:
    """Return what can be fetched for an item, and whether it has only audio.

    Args:
        offers: The links of the item.
        page: Link of the item's page; used if the item has a player instead of a file.
    """
    found = list(offers)[:_MOST_OFFERS]
    videos = {o.media.url: o.media for o in found if o.content is Content.VIDEO}
    if videos:
        return tuple(videos.values()), False
    players = [o.media.url for o in found if o.content is Content.PLAYER]
    if players:
        # The player of a video portal is no page that can be opened alone; the item's page is.
        return (FeedMedia(url=page or players[0]),), False
    return (), any(o.content is Content.AUDIO for o in found)


def link_of(value: object, base: str) -> str:
    """Return a link as an absolute http link without fragment; empty if it is none."""
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_LINK:
        return ""
    try:
        parts = urlsplit(urljoin(base, value.strip()))
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    link = parts._replace(fragment="").geturl()
    return link if is_web and link.isprintable() and "@" not in parts.netloc else ""


def whole_of(value: object, most: int) -> int | None:
    """Return a whole number from 1 to *most*, also if it is written as a text."""
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    return int(text) if 1 <= int(text) <= most else None


def _judged(url: str, type_: str, medium: str) -> tuple[Content, StreamKind | None]:
    by_suffix = kind_by_suffix(url)
    main = type_.partition(";")[0].strip()
    if main in _MANIFESTS:
        return Content.VIDEO, _MANIFESTS[main]
    if main in _PLAYERS:
        return Content.PLAYER, None
    if main.startswith(("image/", "text/")) or medium in {"image", "document", "executable"}:
        return Content.OTHER, None
    if by_suffix is not None:
        # Many feeds label every file as audio/mpeg.
        return Content.VIDEO, by_suffix
    if main.startswith("video/"):
        return Content.VIDEO, StreamKind.DIRECT
    if main.startswith("audio/") or medium == "audio":
        return Content.AUDIO, None
    if main not in _UNKNOWN:
        return Content.OTHER, None
    suffix = suffix_of(urlsplit(url).path)
    if suffix in _AUDIO_SUFFIXES:
        return Content.AUDIO, None
    # Without type and suffix only a request can tell; the resolver sends it before a download.
    return (Content.VIDEO, None) if medium == "video" or not suffix else (Content.OTHER, None)


def _word(value: object) -> str:
    return value.strip().lower()[:100] if isinstance(value, str) else ""


def seconds_of(value: object) -> float | None:
    """Return the seconds of a duration: a number, or `H:MM:SS` and `M:SS` of iTunes."""
    return time_of(value) or None


def time_of(value: object) -> float | None:
    """Return the seconds of a time in a film, in the same forms; it may be 0."""
    text = value.strip() if isinstance(value, str) else str(value)
    parts = text.split(":")
    if len(text) > _LONGEST_DURATION or not 1 <= len(parts) <= 3:
        return None
    if not all(_DURATION_PART.fullmatch(part) for part in parts):
        return None
    total = 0.0
    for part in parts:
        total = total * 60 + float(part)
    return total if total <= MAX_SECONDS else None
