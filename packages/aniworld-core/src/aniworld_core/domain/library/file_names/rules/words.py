"""Rules for numbers with a word: `Folge 12`, `Ep05`, `#957`, `2. Sezon 7. Bölüm`, `第05話`."""

import re
from typing import Final

import attrs

from aniworld_core.domain.library.file_names import marks, recaps
from aniworld_core.domain.library.file_names.codes import LONGEST_RANGE
from aniworld_core.domain.library.file_names.counting import HEIGHTS, counted, spread, unclear
from aniworld_core.domain.library.file_names.found import (
    Found,
    disagreement,
    in_doubt,
    version_at,
)
from aniworld_core.domain.library.file_names.reading import NameRule, Numbers
from aniworld_core.domain.library.file_names.remaining import NumberText
from aniworld_core.domain.library.file_names.rules import specials
from aniworld_core.domain.library.file_names.rules.bare import LEADING, first_place
from aniworld_core.domain.library.file_names.rules.chains import CLEAR_END
from aniworld_core.domain.library.file_names.rules.dashes import DASH
from aniworld_core.messages import Message

_FLAGS = re.IGNORECASE | re.ASCII
#: A further number that only a space separates: `E01 02`.
_SPACED: Final = re.compile(r"[ ](0[1-9])(?=[ ]|\Z)")
_TWO_DIGITS_PART: Final = re.compile(r"\.([0-9]{2})(?![0-9])")
#: `[2.10]`: season and episode, or a number with a part.
_PAIR_IN_BRACKETS: Final = re.compile(r"[\[(]([0-9]{1,2})\.([0-9]{2,3})[\])]")
#: A further number behind an episode word. Behind a dash with spaces a number without `E` must
#: end the numbers: the title may begin with one (`Episode 7 - 12 Angry Men`).
_MORE_EPISODES: Final = re.compile(
    r"(?:[ ]?([-~&+])[ ]?(?:EP?|#)|([-~&+])|[ ]?([-~&+,]|[ ](?:and|und|bis|to))[ ]?(?=[0-9]{1,4}"
    + CLEAR_END
    + r")|[ ]?EP?)([0-9]{1,4})(?![0-9])",
    _FLAGS,
)
#: Recaps are mostly halves: `12.5`; `#1.2` may be season 1, episode 2.
_HALF: Final = 5
#: Nothing follows a number, or a title behind a dash: not `Nummer 5 lebt`.
_ENDS: Final = re.compile(r"[ .]{0,2}(?:\Z|[\x00\[(-])")
#: `Part 1` and `Part 2` may be parts of one film or season.
_LEAST_PARTS: Final = 2
#: A number directly before the word: `05 - Folge`, `[05] Folge`.
_BEFORE: Final = re.compile(
    r"(?:(?<![^ \x00])(0[0-9]{1,3})|[\[(]([0-9]{1,4})[\])])(?: - |[ ]-|[ ])?\Z"
)
_RANGE_SIGNS: Final = frozenset({"-", "~", "bis", "to"})


def by_sezon(text: NumberText) -> Found | None:
    """Read `2. Sezon 7. Bölüm`."""
    match = marks.SEZON_BOLUM.search(text.name.text) if text.season is not None else None
    if match is None:
        return None
    text = attrs.evolve(text, season=int(match[1]))
    return counted(text, NameRule.SEASON_WORDS, match.span(), (int(match[2]),))


def by_compact_word(text: NumberText) -> Found | None:
    """Read `Cap.203` as season 2, episode 3."""
    match = marks.CAP_COMPACT.search(text.words)
    if match is None:
        return None
    season, number = int(match[1]), int(match[2])
    numbers = spread(number, int(match[3] or 0))
    if text.season not in {None, season}:
        doubt = Message("name_numbers_disagree", first=f"S{text.season:02}", second=match[0])
        found = Found(start=match.start(), end=match.end(), rule=NameRule.SEASON_WORDS)
        return in_doubt(found, doubt, [Numbers(season, numbers)])
    text = attrs.evolve(text, season=season)
    return counted(text, NameRule.SEASON_WORDS, match.span(), numbers)


def by_pair_in_brackets(text: NumberText) -> Found | None:
    """Read `[2.05]` and `[2.134]` as season and episode; put `[2.10]` in doubt."""
    match = _PAIR_IN_BRACKETS.search(text.words)
    if match is None or "." not in text.name.stem[match.start() : match.end()]:
        return None
    is_clear = match[2].startswith("0") or len(match[2]) > 2
    if is_clear and text.season is None and not marks.EPISODE.search(text.clean):
        text = attrs.evolve(text, season=int(match[1]))
        return counted(text, NameRule.BRACKETS, match.span(), (int(match[2]),))
    candidates = [Numbers(int(match[1]), (int(match[2]),)), Numbers(None, (int(match[1]),))]
    return unclear(NameRule.BRACKETS, match.span(), match[0], candidates)


def by_word(text: NumberText) -> Found | None:
    """Read `Episode 05`, `E1135`, `Folge 1 und 2`, `#957`, `5 of 12`, `第05話`."""
    match = marks.EPISODE.search(text.clean)
    if match and match[0].startswith("#") and LEADING.match(text.open[: match.start()]):
        return None  # `321 - Letters 1`: the number in the title of the episode
    if match is None:
        return _by_count(text)
    if part := recaps.TENTH.match(text.words, match.end()):
        return _with_part(text, match, part)
    if part := _TWO_DIGITS_PART.match(text.words, match.end()):
        return _with_two_digits(text, match, part)
    numbers, version, end = _all_numbers(text, match)
    if further := _SPACED.match(text.clean, end):
        readings = (text.season, numbers), (text.season, (int(further[1]),))
        return disagreement(_rule(text), (match.start(), further.end()), *readings)
    if special := marks.SPECIAL_BEFORE.search(text.clean, text.start, match.start()):
        return specials.special((special.start(), end), special[1], numbers, version)
    return _contradicted(text, match.start(), numbers) or counted(
        text, _rule(text), (match.start(), end), numbers, version=version
    )


def by_weak_word(text: NumberText) -> Found | None:
    """Read `No. 5`, `Kapitel 5` and `Teil 05` where the name or what follows the title begins.

    Titles hold such words too (`No. 6`, `Chapter 4`), so neither words nor numbers may follow.
    `Part 1` and `Part 2` may be halves of one film.
    """
    at = first_place(text.name.text, text.start)
    match = marks.WEAK_WORD.match(text.name.text, at)
    if match is None or not _ENDS.match(text.open, match.end()):
        return None
    if any(map(str.isdecimal, text.open[match.end() :])):
        return None
    if match[1] and not (match[2].startswith("0") or int(match[2]) > _LEAST_PARTS):
        return None
    return counted(text, _rule(text), match.span(), (int(match[2]),))


def by_number_word(text: NumberText) -> Found | None:
    """Read `Episode Three`, `Folge drei` and `Dritte Folge` in the same places."""
    for start in (text.start, text.season_end):
        at = first_place(text.name.text, start)
        found = marks.number_in_words(text.name.text, at)
        if found and _ENDS.match(text.open, found[1]):
            number, end = found
            return counted(text, _rule(text), (at, end), (number,))
    return None


def _by_count(text: NumberText) -> Found | None:
    """Read numbers that stand before their word or between signs."""
    match = marks.COUNTED.search(text.clean) or marks.episode_before_word(text.clean)
    if match is None:
        return _of_total(text)
    if match.re is marks.EPISODE_CJK:
        number = marks.cjk_number(match[match.lastindex or 1])
        return counted(text, _rule(text), match.span(), (number,))
    numbers = spread(int(match[1]), int(match[2])) if match[1] else (int(match[2]),)
    return counted(text, _rule(text), match.span(), numbers)


def _of_total(text: NumberText) -> Found | None:
    match = marks.OF_TOTAL.search(text.name.stem)
    if match is None:
        return None
    number, total = (int(group) for group in match.groups() if group)
    if not 0 < number <= total:
        return None
    return counted(text, _rule(text), match.span(), (number,))


def _all_numbers(text: NumberText, match: re.Match[str]) -> tuple[tuple[int, ...], int, int]:
    """Return the number of a word and those that follow it, the version, and the end."""
    version, end = version_at(text.clean, match.end())
    numbers, is_range = [int(match[1])], False
    while following := _MORE_EPISODES.match(text.clean, end):
        number = int(following[4])
        if not numbers[-1] < number <= numbers[-1] + LONGEST_RANGE:
            break
        sign = following[1] or following[2] or following[3] or ""
        is_range = len(numbers) == 1 and sign.strip().lower() in _RANGE_SIGNS
        numbers.append(number)
        version, end = version_at(text.clean, following.end(), version)
    if is_range:
        numbers = list(range(numbers[0], numbers[-1] + 1))
    return tuple(numbers), version, end


def _with_part(text: NumberText, match: re.Match[str], part: re.Match[str]) -> Found:
    """Read `Episode 12.5` as a recap, and `S01 Episode #1.2` as season 1, episode 2."""
    first, second = int(match[1]), int(part[1])
    span = (match.start(), part.end())
    if first == text.season:
        return counted(text, NameRule.SEASON_WORDS, span, (second,))
    if match[0].startswith("#") and second != _HALF:
        candidates = [Numbers(first, (second,))]
        return unclear(_rule(text), span, f"{first}.{second}", candidates)
    return recaps.recap(*span, first, second)


def _with_two_digits(text: NumberText, match: re.Match[str], part: re.Match[str]) -> Found:
    """Read `Episode 1.22` as season 1, episode 22: no recap has two digits behind its dot."""
    season, number = int(match[1]), int(part[1])
    span = (match.start(), part.end())
    if text.season not in {None, season} or match[1].startswith("0") or not number:
        candidates = [Numbers(season, (number,)), Numbers(None, (season,))]
        return unclear(_rule(text), (match.start(1), part.end()), match[1] + part[0], candidates)
    text = attrs.evolve(text, season=season)
    return _contradicted(text, match.start(), (number,)) or counted(
        text, NameRule.SEASON_WORDS, span, (number,)
    )


def _contradicted(text: NumberText, start: int, numbers: tuple[int, ...]) -> Found | None:
    """Return a doubt if a number before the word differs: `- 07 - Episode 08`, `[07] Folge 8`."""
    before = _BEFORE.search(text.clean, text.start, start)
    if before and (number := int(before[1] or before[2])) not in {*numbers, *HEIGHTS}:
        readings = (text.season, (number,)), (text.season, numbers)
        return disagreement(_rule(text), (before.start(), start), *readings)
    for match in DASH.finditer(text.open[:start]):
        number = int(match[1])
        is_apart = match.start() > text.start and text.open[match.start() - 1] == " "
        if is_apart and number not in numbers:
            first, second = (text.season, (number,)), (text.season, numbers)
            return disagreement(_rule(text), (match.start(), start), first, second)
    return None


def _rule(text: NumberText) -> NameRule:
    return NameRule.EPISODE_WORD if text.season is None else NameRule.SEASON_WORDS
