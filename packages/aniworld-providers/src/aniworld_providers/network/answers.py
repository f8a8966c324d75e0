"""Parts of HTTP responses: byte ranges, waiting times, bot checks and refusals."""

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
    LoginNeededError,
    NeedsPersonError,
    SourceBlockedError,
    SourceGoneError,
    UnsupportedSourceError,
)
from aniworld_core.messages import Message, utc
from aniworld_providers.network.link_expiry import link_expiry

#: Statuses of redirects (RFC 9110 section 15.4).
REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
#: Statuses below 500 that a retry may not meet.
_TEMPORARY: Final = frozenset({408, 421, 425, 429})
#: Longest wait of a transfer that a server can ask for.
LONGEST_WAIT: Final = timedelta(minutes=15)
#: Wait of a transfer when the server asks for one but names no usable time.
DEFAULT_WAIT: Final = timedelta(seconds=5)
#: Longest usable time; a server that asks for more gets the default.
_LONGEST_USABLE: Final = timedelta(days=1)

_CONTENT_RANGE = re.compile(r"\s*bytes\s+(?:(\d{1,19})-(\d{1,19})|\*)/(\d{1,19}|\*)\s*", re.ASCII)
#: Texts in pages that are bot checks, collected from user reports.
_BOT_CHECK = re.compile(
    r"ddos-guard|checking your browser|cf-turnstile|challenge-platform|captcha"
    r"|<title>\s*just a moment",
    re.IGNORECASE,
)
#: Bytes of a media response, and characters of a page, to search for a bot check.
PAGE_HEAD: Final = 16 * 1024
_PAGE_TEXT: Final = 256 * 1024


@attrs.frozen
class ContentRange:
    """A `Content-Range` of RFC 9110 section 14.4.

    Attributes:
        start: First byte sent, or `None` if the range was refused.
        end: Last byte sent, included, or `None` if the range was refused.
        total: Size of the whole file, or `None` if the server does not state it.
    """

    start: int | None
    end: int | None
    total: int | None


def parse_content_range(value: str) -> ContentRange | None:
    """Parse a `Content-Range`; return `None` if it is malformed or contradicts itself."""
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


def parse_retry_after(value: str, now: datetime) -> timedelta | None:
    """Parse a `Retry-After` of RFC 9110 section 10.2.3: seconds or an HTTP date.

    Returns:
        The wait, negative for a date in the past; `None` if the value is malformed.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:10]), 10**9))
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return (until if until.tzinfo else until.replace(tzinfo=UTC)) - now


def transfer_wait(value: str, now: datetime) -> timedelta:
    """Return the wait of a transfer for a `Retry-After` header.

    Returns:
        The wait, at most `LONGEST_WAIT`; `DEFAULT_WAIT` if the header names no usable time.
    """
    wait = parse_retry_after(value, now)
    if wait is None or not timedelta() <= wait <= _LONGEST_USABLE:
        return DEFAULT_WAIT
    return min(wait, LONGEST_WAIT)


def is_temporary(status: int) -> bool:
    """Return whether a retry may not meet a status again."""
    return status in _TEMPORARY or status >= 500


def is_bot_check(page: bytes | str) -> bool:
    """Return whether the start of a page asks the visitor to prove to be human."""
    text = page if isinstance(page, str) else page[:PAGE_HEAD].decode("latin-1")
    return _BOT_CHECK.search(text, 0, _PAGE_TEXT) is not None


def strong_etag(headers: Mapping[str, str]) -> str | None:
    """Return the entity tag if it is a strong one (RFC 9110 section 8.8.3)."""
    tag = headers.get("ETag", "").strip()
    return tag if len(tag) > 2 and tag.startswith('"') and tag.endswith('"') else None


def refusal(
    status: int, headers: Mapping[str, str], page: bytes, *, link: str, host: str, now: datetime
) -> AniworldError:
    """Return the error for a response with an error status.

    Args:
        status: 400 or more.
        headers: Headers of the response.
        page: Start of its body.
        link: Link for a person to open.
        host: Host of the server.
        now: Current time.
    """
    checked = headers.get("cf-mitigated", "").lower() == "challenge" or is_bot_check(page)
    if status in {401, 403, 429, 503} and checked:
        return NeedsPersonError(host, link, Message("bot_check"))
    if status == 404:
        return SourceGoneError(
            Message("file_at_host", host=host), Message("http_status", status=status)
        )
    if status == 451:
        return SourceBlockedError(
            Message("file_at_host", host=host), Message("status_code", status=status)
        )
    if status in {401, 403, 410}:
        return _refused_link(status, link, host, now)
    if is_temporary(status):
        asked = headers.get("Retry-After")
        wait = transfer_wait(asked, now) if asked else None
        if wait is None and status == 429:
            wait = DEFAULT_WAIT
        return FetchInterruptedError(
            Message("host_http_status", host=host, status=status), retry_after=wait
        )
    return UnsupportedSourceError(host, Message("http_status", status=status))


def _refused_link(status: int, link: str, host: str, now: datetime) -> LinkRefusedError:
    """Return the error for an expired link, a missing login, or an unknown reason."""
    expiry = link_expiry(link)
    if expiry is not None and expiry <= now:
        return LinkExpiredError(
            host, Message("http_status_until", status=status, until_at=utc(expiry))
        )
    if status == 410:
        return LinkExpiredError(host, Message("status_code", status=status))
    if status == 401:
        return LoginNeededError(host, Message("status_code", status=status))
    return LinkRefusedError(host, Message("refused_status", status=status))
