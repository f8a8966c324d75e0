"""Find the known title of a series in a file name, however it is spelled."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import attrs

#: Most characters of a name or title that are read.
NAME_LIMIT: Final = 300
#: Most titles of one series that are looked for.
TITLES_LIMIT: Final = 64
#: Replaces recognised text so that it is not read again.
GAP: Final = "\x00"

#: Titles with fewer letters and digits, or without letters, count only where titles stand.
_SHORTEST_ANYWHERE = 4
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_FRACTIONS: Final = {"½": "12", "¼": "14", "¾": "34"}
#: Letters that are left out behind another one: `Mädchen`, `Maedchen` and `Madchen` are equal,
#: and so are `Shōjo`, `Shoujo` and `Shojo`.
_SILENT: Final = frozenset({"ae", "oe", "ue", "ou", "oo", "uu", "ss"})
_ARTICLES: Final = frozenset(
    {"the", "a", "an", "der", "die", "das", "ein", "eine", "le", "la", "les", "un", "une"}
    | {"el", "los", "las", "il", "lo"}
)
_LEADING_BRACKETS = re.compile(r"[ _.]{0,3}(?:\[[^\[\]]{0,80}\]|\([^()]{0,80}\)|\{[^{}]{0,80}\})")
_WORDS = re.compile(r"[^\W_]+")
#: What makes the title of a later part out of a title.
_SEQUEL: Final = re.compile(
    r"(?:(?:the )?final season|season \d{1,2}"
    r"|(?:\d{1,2}(?:st|nd|rd|th)|second|third|fourth) (?:season|cour|part)"
    r"|(?:staffel|saison|part|teil|cour) (?:\d{1,2}|[ivx]{1,4}|two|three|four)"
    r"|s\d{1,2}|r2|[ivx]{1,4}|[2-9]|1\d)"
    r"(?: (?:part|cour) \d{1,2})?"
)


def fold_title(title: str) -> str:
    """Return a title for comparison: letters and digits only, umlauts written out."""
    return "".join(_fold_character(c) for c in unicodedata.normalize("NFC", title[:NAME_LIMIT]))


@attrs.frozen
class FoundTitle:
    """The known title in a name, from *start* to *end*."""

    title: str
    start: int
    end: int


def find_title(name: str, titles: Sequence[str]) -> FoundTitle | None:
    """Return the longest known title that the name contains, or `None`.

    Case, marks, punctuation, leading articles and the spelling of umlauts and long vowels make no
    difference. A title that is a number or very short counts only at the start of the name or
    of a bracket.
    """
    known = _known(tuple(titles[:TITLES_LIMIT]))
    if not known:
        return None
    longest = known[0][0]
    if name.startswith(longest) and not _continues(name, len(longest)):
        return FoundTitle(longest, 0, len(longest))
    folded, places = _folded(name)
    starts: frozenset[int] | None = None
    for title, wanted, is_distinct in known:
        at = folded.find(wanted)
        while at >= 0:
            start, last = places[at], at + len(wanted)
            end = places[last - 1] + 1
            while end < len(name) and _is_silent(name, end, folded, last):
                end += 1
            if not _continues(name, start - 1) and not _continues(name, end):
                if not is_distinct and starts is None:
                    starts = frozenset(_title_places(name))
                if is_distinct or (starts is not None and start in starts):
                    return FoundTitle(title, start, end)
            at = folded.find(wanted, at + 1)
    return None


@lru_cache(maxsize=2048)
def _known(titles: tuple[str, ...]) -> tuple[tuple[str, str, bool], ...]:
    """Return titles with their folded form, longest first, and whether they are distinct."""
    found: dict[str, str] = {}
    for title in titles:
        if any(_is_sequel_of(title, other) for other in titles):
            continue
        title = title[:NAME_LIMIT]
        words = _WORDS.findall(title)
        whole = _folded(title)[0]
        if len(words) > 1 and words[0].casefold() in _ARTICLES:
            rest = _folded(title[title.find(words[0]) + len(words[0]) :])[0]
            found.setdefault(rest, title)
            if not _is_distinct(rest):
                found.setdefault(whole, title)
        else:
            found.setdefault(whole, title)
    found.pop("", None)
    return tuple(
        (title, wanted, _is_distinct(wanted))
        for wanted, title in sorted(found.items(), key=lambda item: -len(item[0]))
    )


def _is_distinct(folded: str) -> bool:
    """Return whether a title is enough of a text to be found anywhere in a name."""
    return len(folded) >= _SHORTEST_ANYWHERE and not folded.isdecimal()


def _is_sequel_of(title: str, other: str) -> bool:
    """Return whether *title* is *other* with a mark of a later part: `Alpha II`, `Alpha 2`.

    The mark must stay in names, or the second part would be read as the first.
    """
    words, base = (_WORDS.findall(t[:NAME_LIMIT].casefold()) for t in (title, other))
    rest = " ".join(words[len(base) :])
    return bool(base and words[: len(base)] == base and _SEQUEL.fullmatch(rest))


def _folded(text: str) -> tuple[str, list[int]]:
    """Return the folded text and for each of its characters the place it comes from."""
    letters: list[str] = []
    places: list[int] = []
    before = ""
    for place, character in enumerate(text):
        folded = _fold_character(character)
        if not folded:
            before = ""
        for letter in folded:
            if before + letter not in _SILENT:
                letters.append(letter)
                places.append(place)
                before = letter
    return "".join(letters), places


def _is_silent(name: str, place: int, folded: str, last: int) -> bool:
    """Return whether the character belongs to the end of a folded title, such as in `Shou`."""
    return folded[last - 1] + _fold_character(name[place]) in _SILENT


def _continues(name: str, place: int) -> bool:
    return 0 <= place < len(name) and name[place].isalnum()


def _title_places(name: str) -> Iterator[int]:
    """Yield where a title may begin: at the start, behind and inside of leading brackets."""
    at = 0
    yield _first_letter(name, at)
    while bracket := _LEADING_BRACKETS.match(name, at):
        yield _first_letter(name, at)
        at = bracket.end()
        yield _first_letter(name, at)


def _first_letter(name: str, at: int) -> int:
    while at < len(name) and not name[at].isalnum():
        at += 1
    return at


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    plain = character.casefold().translate(_UMLAUTS)
    if character in _FRACTIONS:
        return _FRACTIONS[character]
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if c.isalnum())
