"""Read the fields of foreign JSON: a value of another type counts as missing."""

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

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
    return " ".join(_visible(value[: 2 * _NAME]).split())[:_NAME].strip()


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
    lines = (" ".join(_visible(line).split()) for line in bare.split("\n"))
    return "\n".join(filter(None, lines))[:_DESCRIPTION]


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


def is_id(value: str) -> bool:
    """Return whether a text is a numeric id."""
    return _ID.fullmatch(value) is not None


def _visible(text: str) -> str:
    """Replace control, format and separator characters by spaces."""
    return "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
