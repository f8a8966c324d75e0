"""Parse the loosely typed fields of the Archive: a text, a list of texts, a number, or nothing."""

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from aniworld_core.domain.identity import MAX_KEY_LENGTH, SeriesKey
from aniworld_core.domain.media import Language, normalise_tag, parse_language
from aniworld_providers.network.pages import plain_text

_NOT_IN_KEY = re.compile(r"[^a-z0-9]+")
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
_BETWEEN_LANGUAGES = re.compile(r"[;,/&|+]|\band\b|\bund\b", re.IGNORECASE)
#: Tags of language names that uploaders write.
_LANGUAGE_NAMES = {
    "arabic": "ar",
    "chinese": "zh",
    "danish": "da",
    "deutsch": "de",
    "dutch": "nl",
    "english": "en",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "greek": "el",
    "hindi": "hi",
    "hungarian": "hu",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "norwegian": "no",
    "polish": "pl",
    "portuguese": "pt",
    "russian": "ru",
    "spanish": "es",
    "swedish": "sv",
    "turkish": "tr",
    "ukrainian": "uk",
    "日本語": "ja",
}
#: ISO 639-3 codes without a language: silent, multiple, uncoded, undetermined.
_NO_LANGUAGE = frozenset({"zxx", "mul", "mis", "und"})  # codespell:ignore mis
#: Most languages to read from one text.
_MOST_LANGUAGES = 50
#: Longest description to keep.
_DESCRIPTION = 20_000


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of a string-or-list field, stripped, without empty ones."""
    items = value if isinstance(value, list) else [value]
    found = (str(item).strip() for item in items if isinstance(item, str | int | float))
    return tuple(item for item in found if item)


def text(value: object) -> str:
    """Return the first text of a field, or an empty text."""
    return next(iter(texts(value)), "")


def flag(value: object) -> bool:
    """Return whether a field is true, as JSON or as a word."""
    return value is True or text(value).lower() in {"true", "1", "yes"}


def whole(value: object) -> int | None:
    """Return a whole number, or `None` if the field has none."""
    written = text(value)
    return int(written) if written.isascii() and written.isdigit() and len(written) < 19 else None


def year(*values: object) -> int | None:
    """Return the first year in any of the fields."""
    for value in values:
        match = _YEAR.search(text(value))
        if match:
            return int(match[0])
    return None


def seconds(value: object) -> float | None:
    """Parse a duration such as `1420.35`, `23:40` or `1:02:03`."""
    parts = text(value).split(":")
    if not 1 <= len(parts) <= 3:
        return None
    total = 0.0
    for part in parts:
        try:
            number = float(part)
        except ValueError:
            return None
        if not math.isfinite(number) or number < 0:
            return None
        total = total * 60 + number
    return total or None


def subjects(value: object) -> tuple[str, ...]:
    """Return the subjects from a list or from one text with semicolons."""
    parts = (part.strip() for item in texts(value) for part in item.split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))[:20]


def languages(value: object) -> frozenset[Language]:
    """Return the audio languages of a field; unknown names are ignored."""
    return frozenset(_languages(value))


def _languages(value: object) -> Iterator[Language]:
    for item in texts(value):
        for part in _BETWEEN_LANGUAGES.split(item, maxsplit=_MOST_LANGUAGES)[:_MOST_LANGUAGES]:
            name = part.strip().lower()
            tag = normalise_tag(_LANGUAGE_NAMES.get(name, name))
            if tag is not None and tag not in _NO_LANGUAGE:
                yield parse_language(tag)


def plain(value: object) -> str:
    """Return a description without HTML, one paragraph per line."""
    paragraphs = (plain_text(item[:_DESCRIPTION]) for item in texts(value))
    return "\n".join(filter(None, paragraphs))


def moment(value: object) -> datetime | None:
    """Parse a time such as `2011-05-01T12:00:00Z`; without a time zone it is UTC."""
    try:
        read = datetime.fromisoformat(text(value))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def key_of(identifier: str) -> SeriesKey | None:
    """Convert an identifier to a key: lower case, with hyphens for all other characters.

    The identifier is case-sensitive and is stored beside the key.

    Returns:
        The key, or `None` if no letter or digit is left.
    """
    folded = _NOT_IN_KEY.sub("-", identifier.lower()).strip("-")[:MAX_KEY_LENGTH].rstrip("-")
    return SeriesKey(folded) if folded else None
