"""What is left of a name when everything that is no episode number is removed."""

import datetime
import re
from collections.abc import Iterator
from typing import Final

import attrs

from aniworld_core.domain.library.file_names import marks
from aniworld_core.domain.library.file_names.folders import season_number
from aniworld_core.domain.library.file_names.found import NameText
from aniworld_core.domain.library.file_names.noise import gap, without_noise
from aniworld_core.domain.library.file_names.reading import SequelKind, SequelMark
from aniworld_core.domain.library.file_names.titles import GAP

BRACKETS: Final = re.compile(r"\[[^\[\]]*+\]|\([^()]*+\)|\{[^{}]*+\}")
_DATES: Final = (
    re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[ .-]([01][0-9])[ .-]([0-3][0-9])(?![0-9])"),
    re.compile(r"(?<![0-9])([0-3][0-9])[ .-]([01][0-9])[ .-]((?:19|20)[0-9]{2})(?![0-9])"),
    re.compile(r"(?<![^\W_])((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])(?![^\W_])"),
)


@attrs.frozen(kw_only=True)
class NumberText:
    """A name in which only numbers that may be episodes are left; same positions everywhere.

    Attributes:
        name: The prepared name.
        words: The name with gaps for dates, season words and marks of later parts.
        clean: `words` with gaps for noise, and dots as spaces.
        open: `clean` with gaps for brackets.
        season: Season that a word in the name states.
        sequels: Marks of later parts with the place where each begins.
        date: A date in the name, and its place.
        has_seasons: Whether the name states several seasons.
    """

    name: NameText
    words: str
    clean: str
    open: str
    season: int | None
    sequels: tuple[tuple[int, SequelMark], ...]
    date: tuple[datetime.date, int, int] | None
    has_seasons: bool

    @property
    def start(self) -> int:
        """The place behind the known title; 0 if it was not found."""
        return self.name.found_title.end if self.name.found_title else 0


def prepare_numbers(name: NameText) -> NumberText:
    """Record and remove what is no episode number."""
    words = name.text
    date = _date(words)
    if date:
        words = _cut(words, date[1], date[2])
    sequels = tuple((m.start(), _sequel(m)) for m in marks.SEQUEL.finditer(words))
    if sequels:
        words = marks.SEQUEL.sub(gap, words)
    several = season = None
    if (found := season_number(words)) or "seasons" in words.lower():
        if several := marks.SEASONS.search(words):
            words = _cut(words, *several.span())
        elif found:
            season = found[0]
            words = _cut(words, found[1], found[2])
    clean = without_noise(words)
    return NumberText(
        name=name,
        words=words,
        clean=clean,
        open=BRACKETS.sub(gap, clean),
        season=season,
        sequels=sequels,
        date=date,
        has_seasons=several is not None,
    )


def _sequel(match: re.Match[str]) -> SequelMark:
    if match[5]:
        return SequelMark(SequelKind.FINAL, None, match[0].strip())
    word = (match[1] or match[4]).lower()
    digits = (match[2] or match[3]).upper()
    number = int(digits) if digits.isdecimal() else marks.ROMAN.get(digits, 1)
    kind = SequelKind.COUR if word == "cour" else SequelKind.PART
    return SequelMark(kind, number, match[0].strip())


def _dates(text: str) -> Iterator[tuple[datetime.date, int, int]]:
    for index, pattern in enumerate(_DATES):
        if match := pattern.search(text):
            parts = [int(part) for part in match.groups()]
            year, month, day = reversed(parts) if index == 1 else parts
            try:
                yield datetime.date(year, month, day), match.start(), match.end()
            except ValueError:
                continue


def _date(text: str) -> tuple[datetime.date, int, int] | None:
    return next(_dates(text), None)


def _cut(text: str, start: int, end: int) -> str:
    return text[:start] + GAP * (end - start) + text[end:]
