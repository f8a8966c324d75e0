"""Rules for names without a code of season and episode, most reliable first."""

import re
from collections.abc import Callable
from typing import Final

import attrs

from aniworld_core.domain.library.file_names import compact, marks, recaps
from aniworld_core.domain.library.file_names.codes import LONGEST_RANGE
from aniworld_core.domain.library.file_names.counting import (
    HEIGHTS,
    counted,
    season_of,
    spread,
    unclear,
)
from aniworld_core.domain.library.file_names.found import Found, in_doubt, version_at
from aniworld_core.domain.library.file_names.noise import TELEVISION
from aniworld_core.domain.library.file_names.reading import (
    NameKind,
    NameRule,
    Numbers,
    SeasonSource,
)
from aniworld_core.domain.library.file_names.remaining import BRACKETS, NumberText
from aniworld_core.domain.library.file_names.titles import GAP
from aniworld_core.messages import Message

_FLAGS = re.IGNORECASE | re.ASCII


#: A number, its version, and further numbers: `09v2`, `26-27`, `01-02-03`, `01 ~ 10`.
_NUMBER = (
    r"([0-9]{1,4})(?:[a-d](?![^\W_]))?(?:[ ]{0,2}v([0-9]))?"
    r"((?:(?:[-~&+]|[ ](?:[~&+]|to|bis|ao)[ ])[0-9]{1,4}){0,8})(?:[ ]?v[0-9])?(?![^\W_])"
)
_STEPS: Final = re.compile(r"([-~&+]|to|bis|ao)[ ]?([0-9]{1,4})", re.IGNORECASE)
_SIGNS: Final = "-~&+"
_CLEAR_END = r"(?=[ ]{0,2}(?:\Z|[\x00\[({~\])}]|-[ \x00]|-\Z))"
_DASH: Final = re.compile(
    r"(?:(?<=[ \x00])-[ \x00]{0,3}|(?<=[^\W\d_])-(?=[0-9]{2}))" + _NUMBER + _CLEAR_END, _FLAGS
)
_DASH_LOOSE: Final = re.compile(r"(?<=[ \x00])-[ ]{1,3}(?=0|[0-9]{2,3}[ ])" + _NUMBER, _FLAGS)
_NOISE_END: Final = re.compile(r"[ ]?\Z")
#: `01 - 119 [1080p]`.
_SPACED_RANGE: Final = re.compile(
    r"(?<![^ \x00])(0{0,2}1) - ([0-9]{2,4})(?=[ ]{0,2}[\[({\x00])", _FLAGS
)
_IN_BRACKET: Final = re.compile(_NUMBER, _FLAGS)
_LEADING: Final = re.compile(_NUMBER + r"(?=\Z|[ ]{0,2}-[ ]|(?<=[0-9][0-9])[ ]{0,2}\x00)", _FLAGS)
_LEADING_LOOSE: Final = re.compile(_NUMBER + r"(?=\Z|[ .\x00\[(~-])", _FLAGS)
_LEADING_PADDED: Final = re.compile(r"(?=0[0-9])" + _NUMBER + r"(?=\Z|[ -])", _FLAGS)
_LEADING_DOT: Final = re.compile(r"([0-9]{1,4})()()(?=\.[ ])")
_LEADING_PAIR: Final = re.compile(r"([0-9]{1,2})-([0-9]{2})(?=[ ]|\Z)")
_PAIR_END: Final = re.compile(r"[ ]{0,2}(?:\Z|\x00)")
_LAST: Final = re.compile(r"(?<![^ \x00])" + _NUMBER + _CLEAR_END, _FLAGS)
_PADDED: Final = re.compile(r"(?<=[ ])(0[1-9])()()(?=[ ][^\W_])")
#: Between a title and its year a number belongs to the title: `Apollo 13 (1995)`.
_YEAR_BEHIND: Final = re.compile(r"[ .]{0,2}[\[(]?(?:19|20)[0-9]{2}(?![0-9])")
#: Remarks of releases that are episodes.
_SUBBED: Final = re.compile(r"(?<![^\W_])(?:vostfr|vosta|hardsub|softsub)(?![^\W_])", re.IGNORECASE)
_TWO_DIGITS_PART: Final = re.compile(r"\.([0-9]{2})(?![0-9])")
#: A further number behind an episode word. Behind a dash with spaces a number without `E` must
#: end the numbers: the title may begin with one (`Episode 7 - 12 Angry Men`).
_MORE_EPISODES: Final = re.compile(
    r"(?:[ ]?([-~&+])[ ]?EP?|([-~&+])|[ ]([-~&+])[ ]?(?=[0-9]{1,4}" + _CLEAR_END + r")|[ ]?EP?)"
    r"([0-9]{1,4})(?![0-9])",
    _FLAGS,
)


def as_extra(text: NumberText) -> Found | None:
    """Read a bonus clip: `OP2`, `PV`, `- Opening 2`, `Ep01 Preview`."""
    match = marks.EXTRA.search(text.words) or marks.EXTRA_WORD.search(text.words)
    return extra(match) if match else None


def extra(match: re.Match[str]) -> Found:
    """Return a bonus clip; its mark is the word that says so."""
    mark = match[match.lastindex or 0].strip("-. ").lower()
    return Found(
        start=match.start(), end=match.end(), rule=NameRule.EXTRA, kind=NameKind.EXTRA, mark=mark
    )


def _by_sezon(text: NumberText) -> Found | None:
    match = marks.SEZON_BOLUM.search(text.name.text) if text.season is not None else None
    if match is None:
        return None
    text = attrs.evolve(text, season=int(match[1]))
    return counted(text, NameRule.SEASON_WORDS, match.span(), (int(match[2]),))


def _by_compact_word(text: NumberText) -> Found | None:
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


def _by_word(text: NumberText) -> Found | None:
    match = marks.EPISODE.search(text.clean)
    if match and match[0].startswith("#") and _LEADING.match(text.open[: match.start()]):
        return None  # `321 - Letters 1`: the number in the title of the episode
    if match is None:
        match = marks.COUNTED.search(text.clean) or marks.episode_before_word(text.clean)
        if match is None:
            return None
        number = marks.cjk_number(
            match[match.lastindex or 1] if match.re is marks.EPISODE_CJK else match[1]
        )
        return counted(text, _word_rule(text), match.span(), (number,))
    end, numbers = match.end(), [int(match[1])]
    if part := recaps.TENTH.match(text.words, end):
        return recaps.recap(match.start(), part.end(), numbers[0], int(part[1]))
    if part := _TWO_DIGITS_PART.match(text.words, end):
        candidates = [Numbers(numbers[0], (int(part[1]),)), Numbers(None, tuple(numbers))]
        return unclear(
            _word_rule(text), (match.start(1), part.end()), match[1] + part[0], candidates
        )
    version, end = version_at(text.clean, end)
    is_range = False
    while following := _MORE_EPISODES.match(text.clean, end):
        number = int(following[4])
        if not numbers[-1] < number <= numbers[-1] + LONGEST_RANGE:
            break
        sign = following[1] or following[2] or following[3]
        is_range = len(numbers) == 1 and sign in {"-", "~"}
        numbers.append(number)
        version, end = version_at(text.clean, following.end(), version)
    if is_range:
        numbers = list(range(numbers[0], numbers[-1] + 1))
    return counted(text, _word_rule(text), (match.start(), end), tuple(numbers), version=version)


def _word_rule(text: NumberText) -> NameRule:
    return NameRule.EPISODE_WORD if text.season is None else NameRule.SEASON_WORDS


def _as_special(text: NumberText) -> Found | None:
    match = marks.SPECIAL.search(text.clean)
    if match is None:
        return None
    return _special(match, match[1] or match[2], (int(match[3]),), int(match[4] or 1))


def _special(
    match: re.Match[str], word: str, numbers: tuple[int, ...] = (), version: int = 1
) -> Found:
    mark = {"sp": "special", "ovd": "ova", "film": "movie"}.get(word.lower(), word.lower())
    mark = mark.removesuffix("s")
    is_film = mark == "movie"
    return Found(
        start=match.start(),
        end=match.end(),
        rule=NameRule.MOVIE if is_film else NameRule.SPECIAL,
        kind=NameKind.MOVIE if is_film else NameKind.SPECIAL,
        season=0,
        season_from=SeasonSource.NAME,
        episodes=numbers,
        mark=mark,
        version=version,
    )


def _as_cinema(text: NumberText) -> Found | None:
    is_possible = not text.clean.isascii() or "gekij" in text.clean.lower()
    match = marks.CINEMA.search(text.name.text) if is_possible else None
    return _special(match, "movie") if match else None


def _in_season_folder(text: NumberText) -> Found | None:
    if text.name.hint.season is None:
        return None
    return _leading(text, _LEADING_LOOSE, NameRule.SEASON_FOLDER)


def _as_spaced_range(text: NumberText) -> Found | None:
    match = _SPACED_RANGE.search(text.open)
    if match is None:
        return None
    return counted(text, NameRule.DASH, match.span(), spread(int(match[1]), int(match[2])))


def _after_dash(text: NumberText) -> Found | None:
    match = _DASH.search(text.open)
    if match is None:
        return None
    before = text.open[match.start() - 1]
    is_behind_noise = before == GAP and match.start() != text.start
    if is_behind_noise and match[0][1].isdecimal() and _NOISE_END.match(text.open, match.end()):
        return _unsure_number(text, match, NameRule.DASH)  # `x264-103`: part of a group's name
    is_attached = match[0].startswith("-") and before.isalnum()
    if is_attached and (_is_before_year(text, match) or not _is_padded_or_released(text, match[1])):
        return _unsure_number(text, match, NameRule.DASH)
    return _numbered(text, match, NameRule.DASH)


def _is_before_year(text: NumberText, match: re.Match[str]) -> bool:
    plain = text.name.plain
    return text.name.found_title is None and bool(_YEAR_BEHIND.match(plain, match.end()))


def _is_padded_or_released(text: NumberText, digits: str) -> bool:
    is_padded = digits.startswith("0") and len(digits) > 1
    return is_padded or (len(digits) > 1 and ("[" in text.clean or "(" in text.clean))


def _unsure_number(text: NumberText, match: re.Match[str], rule: NameRule) -> Found:
    digits = match[1]
    candidates = [Numbers(text.season, (int(digits),))]
    if len(digits) == 3 and digits[0] != "0":
        candidates.insert(0, Numbers(int(digits[0]), (int(digits[1:]),)))
    return unclear(rule, match.span(1), digits, candidates)


def _in_brackets(text: NumberText) -> Found | None:
    for bracket in BRACKETS.finditer(text.clean):
        inside = bracket[0][1:-1].strip(f"{GAP} ")
        match = _IN_BRACKET.fullmatch(inside)
        is_weak = bracket[0][0] == "(" and len(inside) < 2
        if match and text.name.hint.season == int(match[1]) // 100 > 0 and text.season is None:
            return _unsure_number(text, match, NameRule.BRACKETS)
        if match and int(match[1]) not in HEIGHTS and not is_weak:
            found = _numbered(text, match, NameRule.BRACKETS, span=bracket.span())
            if found:
                return found
    return None


def _by_date(text: NumberText) -> Found | None:
    if text.date is None:
        return None
    date, start, end = text.date
    return Found(start=start, end=end, rule=NameRule.DATE, date=date)


def _at_start(text: NumberText) -> Found | None:
    pair_at = _first(text.open, 0)
    if (pair := _LEADING_PAIR.match(text.open, pair_at)) and not pair[1].startswith("0"):
        first, second = int(pair[1]), int(pair[2])
        is_range = (
            text.name.found_title is not None
            and 9 < first < second
            and _PAIR_END.match(text.open, pair.end())
        )
        if not is_range and (first > second or pair[1] != str(second - 1)):
            candidates = [Numbers(first, (second,)), Numbers(None, (first, second))]
            return unclear(NameRule.LEADING, pair.span(), pair[0], candidates)
    leading = _LEADING.match(text.open, pair_at)
    is_compact = leading and not leading[3] and compact.may_be_compact(text, leading)
    if leading and (is_compact or _is_before_year(text, leading)):
        return _unsure_number(text, leading, NameRule.LEADING)
    return (
        _leading(text, _LEADING, NameRule.LEADING)
        or _leading(text, _LEADING_PADDED, NameRule.LEADING)
        or _leading(text, _LEADING_DOT, NameRule.LEADING, source=text.words)
    )


def _after_title(text: NumberText) -> Found | None:
    if text.name.found_title is None:
        return None
    match = _LEADING_LOOSE.match(text.open, _first(text.open, text.start))
    if match is None:
        return None
    if not match[3] and compact.may_be_compact(text, match):
        return _unsure_number(text, match, NameRule.AFTER_TITLE)
    return _numbered(text, match, NameRule.AFTER_TITLE)


def _after_dash_loosely(text: NumberText) -> Found | None:
    match = _DASH_LOOSE.search(text.open)
    return _numbered(text, match, NameRule.DASH) if match else None


def _at_end(text: NumberText) -> Found | None:
    """Read a number before the brackets or the end, if it cannot belong to the title."""
    if text.name.hint.mark:
        return None
    match = _LAST.search(text.open, text.start) or _PADDED.search(text.open, text.start)
    if match is None:
        bracket = BRACKETS.search(text.clean[-6:])
        inside = bracket[0][1:-1] if bracket else ""
        if bracket and inside.isdecimal() and len(inside) == 1 and not _LAST.search(text.open):
            end = len(text.clean)
            return counted(text, NameRule.BRACKETS, (end - len(bracket[0]), end), (int(inside),))
        return None
    digits = match[1]
    has_season = text.season is not None or text.name.hint.season is not None
    is_subbed = len(digits) > 1 and (
        _SUBBED.search(text.name.plain) or (len(digits) == 2 and TELEVISION.search(text.name.plain))
    )
    is_clear = match[3] or has_season or is_subbed or _is_padded_or_released(text, digits)
    if is_clear and not _is_before_year(text, match):
        return _numbered(text, match, NameRule.AFTER_TITLE)
    return _unsure_number(text, match, NameRule.AFTER_TITLE)


def _as_unnumbered(text: NumberText) -> Found | None:
    match = marks.SPECIAL_WORD.search(text.clean)
    return _special(match, match[1] or match[2]) if match else None


def _as_loose_extra(text: NumberText) -> Found | None:
    match = marks.EXTRA_LOOSE.search(text.words)
    return extra(match) if match else None


def _as_batch(text: NumberText) -> Found | None:
    if text.season is None and not text.has_seasons:
        return None
    season, _ = season_of(text)
    found = Found(start=0, end=0, rule=NameRule.BATCH, kind=NameKind.BATCH, season=season)
    return attrs.evolve(found, season_from=SeasonSource.NAME if season is not None else None)


RULES: tuple[Callable[[NumberText], Found | None], ...] = (
    as_extra,
    _by_sezon,
    _by_compact_word,
    recaps.by_fraction,
    _by_word,
    _as_special,
    _as_cinema,
    _in_season_folder,
    _as_spaced_range,
    _after_dash,
    _in_brackets,
    _by_date,
    compact.by_month_and_day,
    compact.by_television,
    compact.by_pair,
    _at_start,
    _after_title,
    compact.by_folder,
    _after_dash_loosely,
    _as_unnumbered,
    _as_loose_extra,
    _at_end,
    _as_batch,
)


def _leading(
    text: NumberText,
    pattern: re.Pattern[str],
    rule: NameRule,
    *,
    start: int = 0,
    source: str | None = None,
) -> Found | None:
    source = text.open if source is None else source
    match = pattern.match(source, _first(source, start))
    return _numbered(text, match, rule) if match else None


def _first(source: str, start: int) -> int:
    return next((i for i in range(start, len(source)) if source[i] not in f"{GAP} .-"), len(source))


def _numbered(
    text: NumberText, match: re.Match[str], rule: NameRule, span: tuple[int, int] | None = None
) -> Found | None:
    """Read a match of the common number pattern."""
    numbers = _chain(int(match[1]), match[3])
    return counted(text, rule, span or match.span(), numbers, version=int(match[2] or 1))


def _chain(first: int, more: str) -> tuple[int, ...]:
    """Return the numbers of `26-27`, `01-02-03`, `09 & 10`, `1-3 & 5-7` and `01 bis 12`."""
    steps = [
        (sign if sign in _SIGNS else "-", int(number)) for sign, number in _STEPS.findall(more)
    ]
    if len(steps) == 1 and steps[0][0] in "-~":
        return spread(first, steps[0][1])
    is_mixed = len({sign for sign, _ in steps}) > 1
    numbers = [first]
    for sign, number in steps:
        if number <= numbers[-1]:
            return (first,)
        filled = spread(numbers[-1], number)[1:] if is_mixed and sign in "-~" else (number,)
        numbers += filled
    return tuple(numbers)
