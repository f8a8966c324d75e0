"""Rules for numbers without a sign: at the start, behind the known title, before the end."""

import re
from typing import Final

import attrs

from aniworld_core.domain.library.file_names import compact
from aniworld_core.domain.library.file_names.counting import counted, unclear
from aniworld_core.domain.library.file_names.found import Found, disagreement
from aniworld_core.domain.library.file_names.noise import TELEVISION
from aniworld_core.domain.library.file_names.reading import NameRule, Numbers
from aniworld_core.domain.library.file_names.remaining import BRACKETS, NumberText
from aniworld_core.domain.library.file_names.rules.chains import CLEAR_END, NUMBER, chain, numbered
from aniworld_core.domain.library.file_names.rules.dashes import (
    is_before_year,
    is_padded,
    unsure_number,
)
from aniworld_core.domain.library.file_names.titles import GAP

_FLAGS = re.IGNORECASE | re.ASCII
#: A number that no title follows: `05`, `05 - Title`.
LEADING: Final = re.compile(NUMBER + r"(?=\Z|[ ]{0,2}-[ ]|(?<=[0-9][0-9])[ ]{0,2}\x00)", _FLAGS)
_LEADING_LOOSE: Final = re.compile(NUMBER + r"(?=\Z|[ .\x00\[(~-])", _FLAGS)
_LEADING_PADDED: Final = re.compile(r"(?=0[0-9])" + NUMBER + r"(?=\Z|[ -])", _FLAGS)
_LEADING_DOT: Final = re.compile(r"([0-9]{1,4})()()(?=\.[ ])")
_LEADING_PAIR: Final = re.compile(r"([0-9]{1,2})-([0-9]{2})(?=[ ]|\Z)")
_WORD_BEHIND: Final = re.compile(r"[ -]{1,3}[^\W\d_]")
#: Most episodes that one file with a title holds.
_LONGEST_PAIR: Final = 4
_PAIR: Final = re.compile(r"-([0-9]{1,4})")
_PAIR_END: Final = re.compile(r"[ ]{0,2}(?:\Z|\x00)")
#: `11.22.63`: a date or a title.
_THREE_NUMBERS: Final = re.compile(r"[0-9]{1,2}([.-])[0-9]{1,2}\1[0-9]{1,2}(?![0-9])", re.ASCII)
_LAST: Final = re.compile(r"(?<![^ \x00])" + NUMBER + CLEAR_END, _FLAGS)
_PADDED: Final = re.compile(r"(?<=[ ])(0[1-9])()()(?=[ ][^\W_])")
#: In a season folder: `alp05`.
_ATTACHED: Final = re.compile(r"[^\W\d_]{1,40}([0-9]{2})()()(?=[ ]{0,2}(?:\Z|[\x00\[(]))")
#: The episode behind a number that marks a later part: `Alpha 2 05`.
_NUMBER_BEHIND: Final = re.compile(r"[ ]{1,2}[0-9]{2,4}" + CLEAR_END)
_TWO_DIGITS: Final = "[0-9]{2,4}(?:v[0-9])?"
#: The same behind a dash or in brackets: `Alpha 2 - 05`, `Alpha 2 [05]`.
_EPISODE_BEHIND: Final = re.compile(
    rf"[ ]{{0,2}}(?:(?:-[ ]{{1,2}})?{_TWO_DIGITS}{CLEAR_END}|[\[(]{_TWO_DIGITS}[\])])"
)
#: Marks of Japanese programme guides behind everything else: `[字][終]`.
_GUIDE_MARKS: Final = re.compile(r"(?:[ ]?\[[^\W\x00-\x7f]\]){1,6}\Z")
#: Remarks of releases that are episodes.
_SUBBED: Final = re.compile(r"(?<![^\W_])(?:vostfr|vosta|hardsub|softsub)(?![^\W_])", re.IGNORECASE)


def in_season_folder(text: NumberText) -> Found | None:
    """Read `05 Title` and `alp05` in the folder of a season."""
    hint = text.name.hint
    if hint.season is None:
        return None
    match = _LEADING_LOOSE.match(text.open, at := first_place(text.open, 0))
    if match is None:
        attached = _ATTACHED.match(text.open, at) if hint.season and not hint.mark else None
        return numbered(text, attached, NameRule.SEASON_FOLDER) if attached else None
    if _is_no_index(text, match) or _holds_season(text, match) or _is_part(text, match):
        return None
    if hint.season > 1 and not hint.mark and (compact_number := _number_in_season(text, match)):
        named = attrs.evolve(text, season=hint.season)
        return counted(named, NameRule.COMPACT, match.span(), (compact_number,))
    return numbered(text, match, NameRule.SEASON_FOLDER)


def _is_part(text: NumberText, match: re.Match[str]) -> bool:
    """Return whether a number behind the known title marks a later part: `Alpha 2 - 01`."""
    if text.name.found_title is None or match.start() < text.start or match[2] or match[3]:
        return False
    return _EPISODE_BEHIND.match(text.clean, match.end()) is not None


def _is_no_index(text: NumberText, match: re.Match[str]) -> bool:
    """Return whether a leading number is a date or the title: `11.22.63`, `Filme/9 (2009)`."""
    is_film = text.name.hint.mark == "movie" and is_before_year(text, match)
    return is_film or _THREE_NUMBERS.match(text.name.stem, match.start()) is not None


def _holds_season(text: NumberText, match: re.Match[str]) -> bool:
    """Return whether `compact` reads the number: `alpha.106` in the folder of season 1."""
    season, digits = text.name.hint.season or 0, match[1]
    is_plain = (" " not in text.name.stem or (len(digits) == 4 and digits[0] == "0")) and not match[
        3
    ]
    return is_plain and len(digits) > 2 and int(digits) // 100 == season > 0


def _number_in_season(text: NumberText, match: re.Match[str]) -> int | None:
    """Return the episode in `205 Title` in the folder of season 2.

    In the folder of season 1 such a number may count through all episodes.
    """
    season, number = divmod(int(match[1]), 100)
    is_plain = len(match[1]) == 3 and not match[3]
    is_compact = is_plain and season == text.name.hint.season and text.season is None
    return number if is_compact and 0 < number <= compact.MOST_EPISODES else None


def at_start(text: NumberText) -> Found | None:
    """Read `05`, `05 - Title`, `05. Title`."""
    at = first_place(text.open, 0)
    if pair := _leading_pair(text, at):
        return pair
    number = _LEADING_LOOSE.match(text.open, at)
    if number and (_is_no_index(text, number) or _holds_season(text, number)):
        return None
    leading = LEADING.match(text.open, at)
    is_compact = leading and not leading[3] and compact.may_be_compact(text, leading)
    if leading and (is_compact or is_before_year(text, leading)):
        return unsure_number(text, leading, NameRule.LEADING)
    match = leading or _LEADING_PADDED.match(text.open, at)
    match = match or _LEADING_DOT.match(text.words, first_place(text.words, 0))
    return numbered(text, match, NameRule.LEADING) if match else None


def _leading_pair(text: NumberText, at: int) -> Found | None:
    """Read `2-06 Title` as season and episode; put `11-13 Title` in doubt: perhaps a range."""
    pair = _LEADING_PAIR.match(text.open, at)
    if pair is None or pair[1].startswith("0"):
        return None
    first, second = int(pair[1]), int(pair[2])
    is_range = pair[1] == str(second - 1) or (
        text.name.found_title is not None
        and (first > 9 or (first == 1 and pair.end() < len(text.open)))
        and first < second
        and (_PAIR_END.match(text.open, pair.end()) is not None)
    )
    if is_range:
        return None
    has_title = _WORD_BEHIND.match(text.open, pair.end()) is not None
    is_no_range = second < first or (len(pair[1]) == 1 and pair[2][0] == "0")
    is_no_range = is_no_range or second > first + _LONGEST_PAIR
    if has_title and is_no_range and first and second and text.season in {None, first}:
        named = attrs.evolve(text, season=first)
        return counted(named, NameRule.LEADING, pair.span(), (second,))
    candidates = [Numbers(first, (second,)), Numbers(None, (first, second))]
    return unclear(NameRule.LEADING, pair.span(), pair[0], candidates)


def after_title(text: NumberText) -> Found | None:
    """Read the number directly behind the known title."""
    if text.name.found_title is None:
        return None
    match = _LEADING_LOOSE.match(text.open, first_place(text.open, text.start))
    if match is None or _holds_season(text, match):
        return None
    is_mark = not match[3] and _NUMBER_BEHIND.match(text.open, match.end())
    if pair := _unsure_pair(match, NameRule.AFTER_TITLE):
        return pair
    if is_mark or (not match[3] and compact.may_be_compact(text, match)):
        return unsure_number(text, match, NameRule.AFTER_TITLE)
    return numbered(text, match, NameRule.AFTER_TITLE)


def at_end(text: NumberText) -> Found | None:
    """Read a number before the brackets or the end, if it cannot belong to the title."""
    if text.name.hint.mark:
        return None
    behind = max(text.start, text.season_end)
    match = _last(text.open, behind) or _PADDED.search(text.open, behind)
    is_before_season = False
    if match is None and text.season_end:
        match = _LAST.search(text.open, text.start) or _PADDED.search(text.open, text.start)
        is_before_season = match is not None
    if match is None:
        return _in_last_bracket(text)
    digits = match[1]
    if is_before_season:
        # `Mob 100 Season 2`: the number belongs to the title.
        is_clear = digits.startswith("0") and len(digits) > 1
    else:
        has_season = text.season is not None or text.name.hint.season is not None
        is_clear = bool(match[2] or match[3]) or has_season or _is_subbed(text, digits)
        is_clear = is_clear or is_padded(text, digits)
    if pair := _unsure_pair(match, NameRule.AFTER_TITLE):
        return pair
    is_behind_season = text.season is not None and 0 <= match.start() - text.season_end <= 1
    is_clear = is_clear and not compact.may_be_compact(text, match)
    if not is_clear or (is_before_year(text, match) and not is_behind_season):
        return unsure_number(text, match, NameRule.AFTER_TITLE)
    return _contradicted(text, match) or numbered(text, match, NameRule.AFTER_TITLE)


def _last(source: str, start: int) -> re.Match[str] | None:
    """Return the number that ends a name; the last one written as an episode, if there is one."""
    matches = list(_LAST.finditer(source, start))
    padded = (m for m in reversed(matches) if m[1].startswith("0") and len(m[1]) > 1)
    return next(padded, matches[0] if matches else None)


def _is_subbed(text: NumberText, digits: str) -> bool:
    plain = text.name.plain
    is_programme = len(digits) == 2 and TELEVISION.search(plain)
    return len(digits) > 1 and bool(_SUBBED.search(plain) or is_programme)


def _in_last_bracket(text: NumberText) -> Found | None:
    """Read `Alpha (5)`, where nothing else can be the number."""
    clean = text.clean if text.clean.isascii() else _GUIDE_MARKS.sub("", text.clean)
    bracket = BRACKETS.search(clean[-6:])
    inside = bracket[0][1:-1] if bracket else ""
    if bracket is None or not inside.isdecimal() or len(inside) > 1 or _LAST.search(text.open):
        return None
    end = len(clean)
    return counted(text, NameRule.BRACKETS, (end - len(bracket[0]), end), (int(inside),))


def _contradicted(text: NumberText, match: re.Match[str]) -> Found | None:
    """Return a doubt if an earlier number looks as much like an episode: `A 08 B 12 [720p]`."""
    other = _PADDED.search(text.open, text.start, match.start())
    if other is None or int(other[1]) == int(match[1]):
        return None
    readings = [(text.season, (int(number),)) for number in (other[1], match[1])]
    return disagreement(NameRule.AFTER_TITLE, (other.start(), match.end()), *readings)


def _unsure_pair(match: re.Match[str], rule: NameRule) -> Found | None:
    """Put a pair at the end in doubt that may be season and episode, or a range: `11-13`."""
    pair = _PAIR.fullmatch(match[3])
    if pair is None or match[1].startswith("0") or match.end() < len(match.string):
        return None
    first, second = int(match[1]), int(pair[1])
    if not 1 < first <= compact.MOST_SEASONS or second == first + 1:
        return None
    candidates = [Numbers(first, (second,)), Numbers(None, chain(first, match[3]))]
    return unclear(rule, match.span(), match[0], candidates)


def first_place(source: str, start: int) -> int:
    """Return the place of the first character that separates nothing."""
    return next((i for i in range(start, len(source)) if source[i] not in f"{GAP} .-"), len(source))
