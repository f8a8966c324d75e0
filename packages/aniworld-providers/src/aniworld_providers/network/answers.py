"""What servers say in their answers: ranges, waiting times, bot checks, refusals."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import attrs

from aniworld_core.errors import (
    AniworldError,
    FetchInterruptedError,
    LinkExpiredError,
    LinkRefusedError,
    NeedsPersonError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_providers.network.link_expiry import link_expiry

#: The longest wait a server can make us keep.
LONGEST_WAIT: Final = timedelta(minutes=15)
#: The wait when a server asks for one but names none that makes sense.
DEFAULT_WAIT: Final = timedelta(seconds=5)
_NONSENSE: Final = timedelta(days=1)

_CONTENT_RANGE = re.compile(r"\s*bytes\s+(?:(\d{1,19})-(\d{1,19})|\*)/(\d{1,19}|\*)\s*", re.ASCII)
_BOT_MARKS: Final = (
    b"ddos-guard",
    b"checking your browser",
    b"cf-turnstile",
    b"challenge-platform",
    b"captcha",
    b"<title>just a moment",
)
#: How much of a page is looked through for the marks.
PAGE_HEAD: Final = 16 * 1024


@attrs.frozen
class ContentRange:
    """A `Content-Range` of RFC 9110 section 14.4.

    Attributes:
        start: First byte sent, or `None` when the range was refused.
        end: Last byte sent, included, or `None` when the range was refused.
        total: Size of the whole, or `None` when the server does not know it.
    """

    start: int | None
    end: int | None
    total: int | None


def parse_content_range(value: str) -> ContentRange | None:
    """Read a `Content-Range`; `None` if it is none or contradicts itself."""
    match = _CONTENT_RANGE.fullmatch(value)
    if match is None:
        return None
    total = None if match[3] == "*" else int(match[3])
    if match[1] is None:
        return ContentRange(None, None, total)
    start, end = int(match[1]), int(match[2])
    if end < start or (total is not None and end >= total):
        return None
    return ContentRange(start, end, total)


def parse_retry_after(value: str, now: datetime) -> timedelta:
    """Read a `Retry-After` of RFC 9110 section 10.2.3: seconds or an HTTP date.

    Returns:
        The wait, at most `LONGEST_WAIT`; `DEFAULT_WAIT` when it makes no sense.
    """
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) < 12:
        wait = timedelta(seconds=int(text))
    else:
        try:
            until = parsedate_to_datetime(text)
            wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
        except (ValueError, TypeError, OverflowError, IndexError):
            return DEFAULT_WAIT
    if not timedelta() <= wait <= _NONSENSE:
        return DEFAULT_WAIT
    return min(wait, LONGEST_WAIT)


def is_bot_check(head: bytes) -> bool:
    """Whether the beginning of a page shows that it wants to see a person."""
    text = head[:PAGE_HEAD].lower()
    return any(mark in text for mark in _BOT_MARKS)


def strong_etag(headers: Mapping[str, str]) -> str | None:
    """Return the entity tag if it promises equality byte for byte (RFC 9110 8.8.3)."""
    tag = headers.get("ETag", "").strip()
    return tag if len(tag) > 2 and tag.startswith('"') and tag.endswith('"') else None


def refusal(
    status: int, headers: Mapping[str, str], page: bytes, *, link: str, host: str, now: datetime
) -> AniworldError:
    """Return the error that an answer of this status stands for.

    Args:
        status: 400 or more.
        headers: Of the answer.
        page: The beginning of its body.
        link: What to open to look at it.
        host: Who answered.
        now: To read waiting times against.
    """
    checked = headers.get("cf-mitigated", "").lower() == "challenge" or is_bot_check(page)
    if status in {401, 403, 429, 503} and checked:
        return NeedsPersonError(host, link, "a bot check")
    if status in {404, 451}:
        return SourceGoneError(f"the file at {host}", f"HTTP {status}")
    if status in {401, 403, 410}:
        return _refused_link(status, link, host, now)
    if status in {408, 421, 425, 429} or status >= 500:
        asked = headers.get("Retry-After")
        wait = parse_retry_after(asked, now) if asked else None
        if wait is None and status == 429:
            wait = DEFAULT_WAIT
        return FetchInterruptedError(f"{host} answers HTTP {status}", retry_after=wait)
    return UnsupportedSourceError(host, f"it answers HTTP {status}")


def _refused_link(status: int, link: str, host: str, now: datetime) -> LinkRefusedError:
    """Tell an expired link from one that is refused for a reason nobody named."""
    expiry = link_expiry(link)
    if expiry is not None and expiry <= now:
        return LinkExpiredError(
            host, f"HTTP {status}, and it was valid until {expiry:%Y-%m-%d %H:%M:%S} UTC"
        )
    if status == 410:
        return LinkExpiredError(host, f"HTTP {status}")
    return LinkRefusedError(host, f"HTTP {status}")
