"""Marks of a later part of a series: `Alpha II`, `Alpha Part 2`, `Alpha The Final Season`."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import attrs

from aniworld_core.domain.library.file_names import marks
from aniworld_core.domain.library.file_names.found import Found, NameText, in_doubt
from aniworld_core.domain.library.file_names.noise import TRANSLATED
from aniworld_core.domain.library.file_names.reading import Numbers, SequelKind, SequelMark
from aniworld_core.domain.library.file_names.titles import NAME_LIMIT, find_title
from aniworld_core.messages import Message

#: Folders above a file that may be the folder of a later part.
_DEPTH: Final = 3
#: A numeral behind the title in the name of a folder; a digit only where the title ends.
_BEHIND_TITLE: Final = re.compile(
    r"[ .:_-]{1,3}(?:(XI{0,3}|IX|VI{0,3}|IV|II{1,2}|R2)(?![^\W_])"
    r"|([2-9]|1[0-9])(?=[ .]{0,2}(?:\Z|[\[(])))"
)
_SEPARATORS: Final = " .:_-"


def read_mark(match: re.Match[str]) -> SequelMark:
    """Return what `marks.SEQUEL` matches."""
    if match[5]:
        return SequelMark(SequelKind.FINAL, None, match[0].strip())
    if match[6]:
        return SequelMark(SequelKind.COUR, marks.cjk_number(match[6]), match[0])
    word = (match[1] or match[4]).lower()
    digits = (match[2] or match[3]).upper()
    number = int(digits) if digits.isdecimal() else marks.ROMAN.get(digits, 0)
    number = number or marks.SEASON_NUMBERS.get(digits.lower(), 1)
    kind = SequelKind.COUR if word == "cour" else SequelKind.PART
    return SequelMark(kind, number, match[0].strip())


def numeral_before(source: str, start: int, end: int) -> tuple[SequelMark, int] | None:
    """Return the numeral that ends before *end*, and its place: `Alpha II - 05`."""
    match = marks.NUMERAL.search(source[:end], start)
    return (_numeral(match[1]), match.start()) if match else None


@lru_cache(maxsize=2048)
def mark_of_folders(parents: Sequence[str], titles: Sequence[str]) -> SequelMark | None:
    """Return the mark behind the known title in the name of the innermost folder that has it."""
    for folder in parents[: -_DEPTH - 1 : -1]:
        name = folder[:NAME_LIMIT].translate(TRANSLATED)
        title = find_title(name, titles)
        if title is None:
            continue
        if numeral := _BEHIND_TITLE.match(name, title.end):
            return _numeral(numeral[1] or numeral[2])
        mark = marks.SEQUEL.search(name, title.end)
        is_behind = mark and not name[title.end : mark.start()].strip(_SEPARATORS)
        return read_mark(mark) if mark and is_behind else None
    return None


def without_other_season(found: Found, text: NameText) -> Found:
    """Put season 1 in doubt behind a numeral that marks a later part: `Alpha II S01E05`."""
    if found.season != 1 or not text.has_titles or found.doubt is not None:
        return found
    mark = text.outer_sequel
    if (title := text.found_title) and (numeral := numeral_before(text.text, 0, found.start)):
        is_behind = not text.text[title.end : numeral[1]].strip(_SEPARATORS)
        mark = numeral[0] if is_behind else mark
    if mark is None or mark.kind is not SequelKind.NUMERAL:
        return found
    readings = [Numbers(season, found.episodes) for season in (1, mark.number)]
    doubt = Message("name_numbers_disagree", first=readings[0].text, second=mark.text)
    return in_doubt(found, doubt, readings)


def with_sequel(found: Found, text: NameText, mark: SequelMark | None) -> Found:
    """Add the mark of a later part to numbers; without its season they are a doubt.

    Without a known title a numeral may be a part of it: only a season folder that says
    something else is a reason to doubt.
    """
    mark = mark or text.outer_sequel
    if mark is None or found.is_special:
        return found
    found = attrs.evolve(found, sequel=mark)
    is_part = mark.kind in {SequelKind.PART, SequelKind.COUR}
    is_first_part = is_part and mark.number == 1  # counts like its season
    is_named = found.season is not None and (
        is_first_part or (not is_part and mark.number in {None, found.season})
    )
    is_other = text.hint.season is not None and mark.text in marks.ROMAN
    if is_named or not (text.has_titles or text.found_title or is_other):
        return found
    doubt = Message("name_sequel_without_season", mark=mark.text)
    season = found.season if is_part else mark.number
    return in_doubt(found, doubt, [Numbers(season, found.episodes)])


def _numeral(text: str) -> SequelMark:
    word = text.upper()
    number = marks.ROMAN.get(word) or int(word.removeprefix("R"))
    return SequelMark(SequelKind.NUMERAL, number, text)
