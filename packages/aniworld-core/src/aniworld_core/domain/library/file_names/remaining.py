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
from aniworld_core.domain.library.file_names.reading import SequelMark
from aniworld_core.domain.library.file_names.sequels import read_mark
from aniworld_core.domain.library.file_names.titles import GAP

BRACKETS: Final = re.compile(r"\[[^\[\]]*+\]|\([^()]*+\)|\{[^{}]*+\}")
#: Dates, the same sign between their parts.
_DATES: Final = (
    re.compile(
        r"(?<![^\W_])((?:19|20)[0-9]{2})(?P<sign>[ .-])([01][0-9])(?P=sign)([0-3][0-9])(?![0-9])"
    ),
    re.compile(
        r"(?<![^\W_])([0-3][0-9])(?P<sign>[ .-])([01][0-9])(?P=sign)((?:19|20)[0-9]{2})(?![0-9])"
    ),
    re.compile(
        r"(?<![^\W_])([01][0-9])(?P<sign>[ .-])([123][0-9])(?P=sign)((?:19|20)[0-9]{2})(?![0-9])"
    ),
    re.compile(r"(?<![^\W_])((?:19|20)[0-9]{2})(?P<sign>)([01][0-9])([0-3][0-9])(?![^\W_])"),
)
#: The place of `03-29-2012` among them.
_MONTH_FIRST: Final = 2
#: Behind a season: how many there are (`Temporada 1 de 5`).
_TOTAL: Final = re.compile(
    r"[ .]{0,2}(?:of|von|de|di|sur|из)[ .]{0,2}[0-9]{1,2}(?![^\W_])", re.IGNORECASE
)
#: A season may be named more than once: `S2 - 2nd Season`.
_MOST_SEASON_WORDS = 3


@attrs.frozen(kw_only=True)
class NumberText:
    """A name in which only numbers that may be episodes are left; same positions everywhere.

    Attributes:
        name: The prepared name.
        words: The name with gaps for dates, season words and marks of later parts.
        clean: `words` with gaps for noise, and dots as spaces.
        open: `clean` with gaps for brackets.
        season: Season that a word in the name states.
        season_end: The place behind that word; 0 if there is none.
        other_season: Another season that the name states as well.
        sequels: Marks of later parts with the place where each begins.
        date: A date in the name, and its place.
        has_seasons: Whether the name states several seasons.
    """

    name: NameText
    words: str
    clean: str
    open: str
    season: int | None
    season_end: int
    other_season: int | None
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
    sequels = tuple((m.start(), read_mark(m)) for m in marks.SEQUEL.finditer(words))
    if sequels:
        words = marks.SEQUEL.sub(gap, words)
    seasons = _read_seasons(words)
    words = seasons.rest
    clean = without_noise(words)
    return NumberText(
        name=name,
        words=words,
        clean=clean,
        open=BRACKETS.sub(gap, clean),
        season=seasons.season,
        season_end=seasons.end,
        other_season=seasons.other,
        sequels=sequels,
        date=date,
        has_seasons=seasons.are_several,
    )


@attrs.frozen(kw_only=True)
class _Seasons:
    """Seasons that a name states, and the name with gaps in their place."""

    rest: str
    season: int | None = None
    end: int = 0
    other: int | None = None
    are_several: bool = False


def _read_seasons(words: str) -> _Seasons:
    found = season_number(words)
    if (found or "seasons" in words.lower()) and (several := marks.SEASONS.search(words)):
        return _Seasons(rest=_cut(words, *several.span()), are_several=True)
    season, first_end = None, 0
    for _ in range(_MOST_SEASON_WORDS):
        if found is None:
            break
        number, start, end = found
        if season is not None and number != season:
            return _Seasons(rest=words, season=season, end=first_end, other=number)
        total = _TOTAL.match(words, end)
        end = total.end() if total else end
        words = _cut(words, start, end)
        season, first_end = number, first_end or end
        found = season_number(words)
    return _Seasons(rest=words, season=season, end=first_end)


def _dates(text: str) -> Iterator[tuple[datetime.date, int, int]]:
    for index, pattern in enumerate(_DATES):
        if match := pattern.search(text):
            parts = [int(match[group]) for group in (1, 3, 4)]
            if index == _MONTH_FIRST:
                parts = [parts[1], parts[0], parts[2]]
            year, month, day = reversed(parts) if index in {1, _MONTH_FIRST} else parts
            try:
                yield datetime.date(year, month, day), match.start(), match.end()
            except ValueError:
                continue


def _date(text: str) -> tuple[datetime.date, int, int] | None:
    return next(_dates(text), None)


def _cut(text: str, start: int, end: int) -> str:
    return text[:start] + GAP * (end - start) + text[end:]
