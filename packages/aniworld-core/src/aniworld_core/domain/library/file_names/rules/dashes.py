"""Rules for numbers behind a dash or alone in brackets."""

import re
from typing import Final

import attrs

from aniworld_core.domain.library.file_names.compact import MOST_EPISODES
from aniworld_core.domain.library.file_names.counting import HEIGHTS, counted, spread, unclear
from aniworld_core.domain.library.file_names.found import Found, disagreement
from aniworld_core.domain.library.file_names.reading import NameRule, Numbers
from aniworld_core.domain.library.file_names.remaining import BRACKETS, NumberText
from aniworld_core.domain.library.file_names.rules.chains import CLEAR_END, NUMBER, numbered
from aniworld_core.domain.library.file_names.titles import GAP

_FLAGS = re.IGNORECASE | re.ASCII
#: A number behind a dash, and no title behind it: ` - 05`, `Alpha-05`.
DASH: Final = re.compile(
    r"(?:(?<=[ \x00])-[ \x00]{0,3}|(?<=[^\W\d_])-(?=[0-9]{2}))" + NUMBER + CLEAR_END, _FLAGS
)
#: ` - 05 Title of the episode`.
_DASH_LOOSE: Final = re.compile(r"(?<=[ \x00])-[ ]{1,3}(?=0|[0-9]{2,3}[ ])" + NUMBER, _FLAGS)
_NOISE_END: Final = re.compile(r"[ ]?\Z")
#: `01 - 119 [1080p]`.
_SPACED_RANGE: Final = re.compile(
    r"(?<![^ \x00])(0{0,2}1) - ([0-9]{2,4})(?=[ ]{0,2}[\[({\x00])", _FLAGS
)
#: `(01 - 12)`.
_RANGE_INSIDE: Final = re.compile(r"([0-9]{1,4}) [-~] ([0-9]{1,4})")
_INSIDE: Final = re.compile(NUMBER, _FLAGS)
#: Between a title and its year a number belongs to the title: `Apollo 13 (1995)`.
_YEAR_BEHIND: Final = re.compile(r"[ .]{0,2}[\[(]?(?:19|20)[0-9]{2}(?![0-9]|[ ]?[x*][ ]?[0-9])")
_YEAR_IN_BRACKETS: Final = re.compile(r"\((?:19|20)[0-9]{2}\)")


def as_spaced_range(text: NumberText) -> Found | None:
    """Read `01 - 119 [1080p]`."""
    match = _SPACED_RANGE.search(text.open)
    if match is None:
        return None
    return counted(text, NameRule.DASH, match.span(), spread(int(match[1]), int(match[2])))


def after_dash(text: NumberText) -> Found | None:
    """Read ` - 05`; put ` - 05 - 07` in doubt."""
    doubt = None
    for match in DASH.finditer(text.open):
        before = text.open[match.start() - 1]
        is_attached = match[0][1].isdecimal()
        if is_attached and before == GAP and match.start() not in {text.start, text.season_end}:
            if _NOISE_END.match(text.open, match.end()):
                return unsure_number(text, match, NameRule.DASH)  # `x264-103`: part of a group
            if text.clean[match.start() - 1] == GAP:
                continue  # `TV-2`: part of a remark
        is_glued = is_attached and before.isalnum()
        if is_glued and (is_before_year(text, match) or not is_padded(text, match[1])):
            doubt = doubt or unsure_number(text, match, NameRule.DASH)
            continue
        following = DASH.match(text.open, match.end() + 1)
        if following and following[0][1] == " " and following[1] != match[1] and not match[3]:
            span = (match.start(), following.end())
            readings = [(text.season, (int(number),)) for number in (match[1], following[1])]
            return disagreement(NameRule.DASH, span, *readings)
        return numbered(text, match, NameRule.DASH)
    return doubt


def after_dash_loosely(text: NumberText) -> Found | None:
    """Read ` - 05 Title`, if there is a title before the dash."""
    match = _DASH_LOOSE.search(text.open)
    if match is None:
        return None
    if text.name.found_title is None:
        if not any(map(str.isalnum, text.open[: match.start()])):
            return None
        if _YEAR_IN_BRACKETS.search(text.name.plain, match.end()):
            return unsure_number(text, match, NameRule.DASH)
    return numbered(text, match, NameRule.DASH)


def in_brackets(text: NumberText) -> Found | None:
    """Read `[05]`, `(01-12)`, `【07】`."""
    for bracket in BRACKETS.finditer(text.clean):
        inside = bracket[0][1:-1].strip(f"{GAP} ()").lstrip(f"{GAP} -")
        if pair := _RANGE_INSIDE.fullmatch(inside):
            numbers = spread(int(pair[1]), int(pair[2]))
            if len(numbers) > 1:
                return counted(text, NameRule.BRACKETS, bracket.span(), numbers)
        match = _INSIDE.fullmatch(inside)
        if match and _has_remark_first(text, bracket.start() + 1):
            continue
        is_weak = bracket[0][0] == "(" and len(inside) < 2
        if match is None or int(match[1]) in HEIGHTS or is_weak:
            continue
        season, number = divmod(int(match[1]), 100)
        may_be_compact = text.name.hint.season == season > 0 and text.season is None
        if may_be_compact and season > 1 and 0 < number <= MOST_EPISODES and not match[3]:
            named = attrs.evolve(text, season=season)
            return counted(named, NameRule.COMPACT, bracket.span(), (number,))
        if may_be_compact or _is_behind_remark(text, bracket.start()):
            return unsure_number(text, match, NameRule.BRACKETS, span=bracket.span())
        return numbered(text, match, NameRule.BRACKETS, span=bracket.span())
    return None


def is_before_year(text: NumberText, match: re.Match[str]) -> bool:
    """Return whether the number stands between a title that is not known and a year."""
    plain = text.name.plain
    return text.name.found_title is None and bool(_YEAR_BEHIND.match(plain, match.end()))


def is_padded(text: NumberText, digits: str) -> bool:
    """Return whether a number is written as an episode: `05`, or two digits before brackets."""
    has_zero = digits.startswith("0") and len(digits) > 1
    return has_zero or (len(digits) > 1 and ("[" in text.clean or "(" in text.clean))


def unsure_number(
    text: NumberText, match: re.Match[str], rule: NameRule, span: tuple[int, int] | None = None
) -> Found:
    """Return a number that may belong to the title, or be season and episode."""
    digits = match[1]
    candidates = [Numbers(text.season, (int(digits),))]
    if len(digits) == 3 and digits[0] != "0" and digits[1:] != "00":
        candidates.insert(0, Numbers(int(digits[0]), (int(digits[1:]),)))
    elif len(digits) == 4 and digits[0] == "0" != digits[1]:
        candidates.insert(0, Numbers(int(digits[:2]), (int(digits[2:]),)))
    return unclear(rule, span or match.span(1), digits, candidates)


def _has_remark_first(text: NumberText, start: int) -> bool:
    """Return whether a bracket begins with a remark: `(TV 1-2)`, `[BD 3]`."""
    return text.clean[start] == GAP and text.words[start] != GAP


def _is_behind_remark(text: NumberText, start: int) -> bool:
    """Return whether a bracket is attached to the end of a release: `AC3-grp[42]`."""
    before = text.clean[:start]
    return before[-1:].isalnum() and GAP in BRACKETS.sub("", before[text.start :])
