"""Rules for season and episode written as one number: `103`, `1013`, `10708`."""

import re
from typing import Final

import attrs

from aniworld_core.domain.library.file_names.counting import counted, unclear
from aniworld_core.domain.library.file_names.found import Found
from aniworld_core.domain.library.file_names.languages import find_language
from aniworld_core.domain.library.file_names.noise import TELEVISION
from aniworld_core.domain.library.file_names.reading import NameRule, Numbers
from aniworld_core.domain.library.file_names.remaining import BRACKETS, NumberText
from aniworld_core.domain.library.file_names.titles import GAP

#: `103`, `103 104`, and of two episodes in one number `10304`.
_COMPACT: Final = re.compile(
    r"(?<![^ \x00])([0-9]{1,2}?)([0-9]{2})(?:(?:[ -]\1)?([0-9]{2}))?(?=[ \x00-]|\Z)"
)
#: Behind a year four digits may be month and day: `2015.0308`.
_MONTH_AND_DAY: Final = re.compile(
    r"(?<![^\W_])(?:19|20)[0-9]{2}[ .]((0[1-9]|1[0-2])([0-2][0-9]|3[01]))(?![^\W_])"
)
#: `03_19`, `02.09`: season and episode, or two episodes; with a third number a date.
_PAIR: Final = re.compile(
    r"(?<![^ ._-])([0-9]{1,2})[._-]([0-9]{2})(?:[._-]([0-9]{2}))?(?![^\W_])(?!-)", re.ASCII
)
#: ` - 6.01`: nobody writes the number of a recap with a zero.
_BEFORE_PAIR: Final = re.compile(r"[^\W_][ ]{0,2}- \Z")
_IN_PAIR: Final = re.compile(r"[1-9]\.0[1-9]")
#: Below this, the first number of `03-20` may be a season: no file has so many episodes.
MOST_SEASONS: Final = 12
#: Programmes with more episodes in a season number them in another way.
MOST_EPISODES: Final = 40


def by_television(text: NumberText) -> Found | None:
    """Read `103` as season 1, episode 3, in names of broadcasts such as `Alpha.103.HDTV-GROUP`.

    A name that begins with a group in brackets, or that states a language behind its known
    title, may count through all seasons: other rules read it.
    """
    plain = text.name.plain
    if TELEVISION.search(plain) is None:
        return None
    outside = BRACKETS.sub(" ", plain)
    is_broadcast = TELEVISION.search(outside) and not plain.lstrip().startswith("[")
    if not is_broadcast or text.season is not None:
        return None
    if text.name.found_title is not None and find_language(plain, plain[text.start :]) is not None:
        return None
    return _read(text, hint=None)


def by_folder(text: NumberText) -> Found | None:
    """Read `103` as season 1, episode 3, in the folder of season 1 or in a broadcast."""
    hint = text.name.hint
    if hint.season is not None and hint.mark == "" and text.name.text.find(" - ") < 0:
        return _read(text, hint=hint.season)
    return _read(text, hint=None) if TELEVISION.search(text.name.text) else None


def by_month_and_day(text: NumberText) -> Found | None:
    """Put `2015.0308` in doubt: a date, season 3 with episode 8, or episode 308."""
    match = _MONTH_AND_DAY.search(text.name.plain, text.start)
    if match is None:
        return None
    candidates = [Numbers(int(match[2]), (int(match[3]),)), Numbers(None, (int(match[1]),))]
    return unclear(NameRule.COMPACT, match.span(1), match[1], candidates)


def by_pair(text: NumberText) -> Found | None:
    """Read ` - 6.01 - ` as season and episode; put `03_19`, `02.09` and `03-20` in doubt.

    So is `10-19-12`, whose numbers do not ascend.
    """
    for match in _PAIR.finditer(text.name.stem, text.start):
        if not text.open[match.start() : match.end()].strip(" \x00-"):
            continue
        first, second, third = int(match[1]), int(match[2]), int(match[3] or 0)
        is_dash = "-" in match[0]
        if is_dash and third and first < second < third:
            continue
        if is_dash and not third and not (1 < first <= MOST_SEASONS < second - first):
            continue
        if match[0].count(".") == 1 and not third and second == first + 1:
            continue
        if _BEFORE_PAIR.search(text.name.stem, 0, match.start()) and _IN_PAIR.fullmatch(match[0]):
            named = attrs.evolve(text, season=first)
            return counted(named, NameRule.COMPACT, match.span(), (second,))
        candidates = [Numbers(first, (second,)), Numbers(None, (first,))]
        return unclear(NameRule.COMPACT, match.span(), match[0], candidates)
    return None


def may_be_compact(text: NumberText, match: re.Match[str]) -> bool:
    """Return whether a number may be season and episode: `Alpha.525`, `Alpha_209_A_Title`.

    Names with spaces or brackets, and those that state language or quality, count through.
    """
    stem, digits = text.name.stem, match[1]
    is_compact = len(digits) == 3 and digits[0] != "0" and 0 < int(digits[1:]) <= MOST_EPISODES
    is_padded = len(digits) == 4 and digits[0] == "0" != digits[1]
    is_plain = " " not in stem and "[" not in stem
    is_plain = is_plain and (is_padded or GAP not in text.open[match.end() :])
    has_season = text.season is not None or text.name.hint.season is not None
    return (is_compact or is_padded) and is_plain and not has_season


def _read(text: NumberText, *, hint: int | None) -> Found | None:
    for match in _COMPACT.finditer(text.open):
        season, number = int(match[1]), int(match[2])
        if not season or not 0 < number <= MOST_EPISODES or hint not in {None, season}:
            continue
        numbers: tuple[int, ...] = (number,)
        if match[3] is not None:
            numbers = (number, int(match[3]))
            if numbers[1] <= number or (_is_joined(match) and numbers[1] != number + 1):
                continue
        return counted(attrs.evolve(text, season=season), NameRule.COMPACT, match.span(), numbers)
    return None


def _is_joined(match: re.Match[str]) -> bool:
    return match[0].isdecimal()
