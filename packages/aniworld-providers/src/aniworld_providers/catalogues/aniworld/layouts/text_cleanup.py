"""Text cleanup: normalise titles, descriptions and dates from pages."""

import html
import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from aniworld_core.domain.catalogue import Titles

#: Invisible characters: soft hyphens, zero-width spaces, direction marks. Joiners stay, because
#: emoji and some scripts need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_HIGHLIGHT = re.compile(r"</?em\b[^<>]*+>", re.IGNORECASE)
_ANNOUNCED = re.compile(r"[\[(]\s*+(?:TBA|Start\s*+:[^\[(\])]*+)[\])]", re.IGNORECASE)
#: Suffix that the sites append to the English title of an episode.
_NUMBER_SUFFIX = re.compile(
    r"(?<!\s)\s*+\[(?:Episode|Folge|Film|Movie)\s*+\d++\]\s*+$", re.IGNORECASE
)
_NO_DESCRIPTION = re.compile(r"noch keine Beschreibung", re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)", re.ASCII)
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|2[01]\d\d)(?!\d)")

_TITLE_LENGTH = 500
_DESCRIPTION_LENGTH = 20_000
_MOST_TITLES = 100


def clean_text(text: str | None, most: int = _TITLE_LENGTH) -> str:
    """Return a text on one line, in NFC, without invisible characters."""
    if not text:
        return ""
    seen = _UNSEEN.sub("", text[: most * 4])
    return unicodedata.normalize("NFC", " ".join(seen.split()))[:most].rstrip()


def decode_json_text(value: object) -> str:
    """Return the text of a JSON value without highlight tags and with entities decoded."""
    return html.unescape(_HIGHLIGHT.sub("", value)) if isinstance(value, str) else ""


def clean_description(text: str | None) -> str:
    """Return a cleaned description, line by line; empty for a placeholder text."""
    lines = (clean_text(line, _DESCRIPTION_LENGTH) for line in (text or "").splitlines()[:500])
    whole = "\n".join(filter(None, lines))[:_DESCRIPTION_LENGTH]
    is_filler = len(whole) < 200 and _NO_DESCRIPTION.search(whole)
    return "" if is_filler else whole


def other_titles_of(title: str, listed: Iterable[str]) -> tuple[str, ...]:
    """Return further titles: without empty ones, duplicates and the title itself."""
    found: dict[str, str] = {}
    for other in map(clean_text, listed):
        if other and other.casefold() != title.casefold():
            found.setdefault(other.casefold(), other)
    return tuple(found.values())[:_MOST_TITLES]


def year_in(*texts: str | None) -> int | None:
    """Return the first year in any of the texts."""
    for text in texts:
        match = _YEAR.search(text or "")
        if match:
            return int(match[0])
    return None


def day_in(text: str) -> date | None:
    """Return the date in a text such as `30.09.2026`."""
    match = _DAY.search(text)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else None
    except ValueError:
        return None


def is_announcement(*titles: str) -> bool:
    """Return whether a title says that the episode is not released yet."""
    return any(_ANNOUNCED.search(title) for title in titles)


def episode_titles(german: str, english: str) -> Titles:
    """Return the titles of an episode without the notes that the sites add."""
    return Titles(de=_without_notes(german), en=_without_notes(english))


def _without_notes(title: str) -> str | None:
    if "[" not in title and "(" not in title:
        return title or None
    return _NUMBER_SUFFIX.sub("", _ANNOUNCED.sub(" ", title)).strip(" ") or None
