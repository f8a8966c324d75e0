"""Read the fields of foreign JSON: a value of another type counts as missing."""

import html
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from aniworld_core.domain.plain_text import one_line

#: Most characters of a name.
_NAME: Final = 300
#: Most characters of a description.
_DESCRIPTION: Final = 10_000
#: Most entries of a list.
_MOST: Final = 100
#: Largest id and number of an episode.
_LARGEST: Final = 10**9
_LINE: Final = re.compile(r"<\s*(?:br\s*/?|/p)\s*>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]*>")
_DAY: Final = re.compile(r"\d{4}-?\d{2}-?\d{2}", re.ASCII)
_NOON: Final = timedelta(hours=12)
_ID: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


def record(value: object) -> Mapping[str, Any]:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def records(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def name(value: object) -> str:
    """Return one line of text without control characters, or an empty text."""
    if not isinstance(value, str):
        return ""
    return one_line(value, _NAME)


def names(value: object) -> tuple[str, ...]:
    """Return the texts of a list, each once."""
    found = (name(each) for each in value) if isinstance(value, list) else ()
    return unique(found)


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """Return the values that are not empty, each once; at most 100."""
    return tuple(dict.fromkeys(filter(None, values)))[:_MOST]


def description(value: object) -> str:
    """Return a description without HTML, one paragraph per line."""
    if not isinstance(value, str):
        return ""
    bare = html.unescape(_TAG.sub("", _LINE.sub("\n", value[: 2 * _DESCRIPTION])))
    return "\n".join(filter(None, map(one_line, bare.split("\n"))))[:_DESCRIPTION]


def word(value: object) -> str:
    """Return a constant such as `TV_SHORT` in lower case."""
    return name(value).lower().replace(" ", "_")[:40]


def whole(value: object) -> int | None:
    """Return a number from 1 to 10^9, or `None`."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST:
        return value
    return None


def year(value: object) -> int | None:
    """Return a plausible year, or `None`."""
    number = whole(value)
    return number if number is not None and 1900 <= number <= 2200 else None


def link(value: object) -> str | None:
    """Return a web link, or `None`."""
    if not isinstance(value, str) or len(value) > 2048:
        return None
    try:
        parts = urlsplit(value)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    return value if is_web and value.isprintable() else None


def moment(value: object) -> datetime | None:
    """Return the time of a Unix time stamp or an ISO 8601 text; without a zone it is UTC."""
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value)
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)
    except (ValueError, OverflowError):
        return None
    return None


def aired_at(value: object) -> datetime | None:
    """Return the time of an air date; a date without a time is noon in UTC.

    That is the same day in all time zones but the outermost two; midnight is the day before in
    all of America.
    """
    at = moment(value)
    return at + _NOON if at is not None and isinstance(value, str) and _DAY.fullmatch(value) else at


def is_id(value: str) -> bool:
    """Return whether a text is a numeric id."""
    return _ID.fullmatch(value) is not None
