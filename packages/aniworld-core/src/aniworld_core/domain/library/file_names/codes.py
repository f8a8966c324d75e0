"""Rules for codes of season and episode: `S01E05`, `1x05`, and what may follow them."""

import re
from collections.abc import Sequence
from typing import Final

import attrs

from aniworld_core.domain.library.file_names.found import Found, NameText, disagreement, version_at
from aniworld_core.domain.library.file_names.languages import is_language_word
from aniworld_core.domain.library.file_names.noise import RELEASE
from aniworld_core.domain.library.file_names.reading import NameKind, NameRule, SeasonSource

_START = r"(?<![^\W_])"
_END = r"(?![^\W_])"
_FLAGS = re.IGNORECASE | re.ASCII
#: Longest range of episodes in one file.
LONGEST_RANGE: Final = 200
#: How far a number behind the code may be from it to be taken for a second episode.
_NEAR = 12

#: The code in Aniworld's own names: ` - S01E05 - Title (German Dub)`, ` - S01E05-E06`.
_OWN: Final = re.compile(
    r"(?:\A| - )S([0-9]{2,4})E([0-9]{2,4})(?:-E([0-9]{2,4}))?(?= \(| - |\Z)", re.ASCII
)
_LABEL: Final = re.compile(r"\(([^()]{2,40})\)\Z")
_OTHER_CODE: Final = re.compile(r"[0-9][EX][0-9]", _FLAGS)
#: `S01E05`, `S1.E1`, `S01 E05`, `S02 - E09`, `S01xE02`, `[s05]_[e03]`, `T02E03`, `Se.4 Ep.2`,
#: `S.01 E.05`, `S01F05`.
_CODE: Final = re.compile(
    _START + r"(?:S[. ]?|T|Se[ .]?|Sn|St[. ]{0,2})([0-9]{1,4})[\]) .]{0,2}(?:[,-][ ]?)?[\[( ]{0,2}"
    r"(?:EPS?[ .-]{0,2}[\[(]?|E[ .-]?|F|XE?(?!26[3-6](?![0-9])))([0-9]{1,5})()(?![0-9])",
    _FLAGS,
)
#: A code that follows a word directly: `grp-zoos01e11`.
_ATTACHED: Final = re.compile(r"s([0-9]{2})e([0-9]{2,3})()" + _END, _FLAGS)
#: Behind an absolute number: `87 (S4-24)`.
_IN_BRACKETS: Final = re.compile(r"(?<=[\[(])S([0-9]{1,2})-([0-9]{2})()(?=[\])])", _FLAGS)
#: Without the letter of the season: `01E06`.
_BARE: Final = re.compile(_START + r"([0-9]{2})E([0-9]{2})()" + _END, _FLAGS)
#: `1x05` and `2016x231`, but not `1280x720`, `16x9`, and `5.1x2` of two sound tracks.
_CROSS: Final = re.compile(
    _START
    + r"(?<![0-9][.])"
    + r"(?!16x9(?![0-9]))([0-9]{1,2}"
    + r"|(?:19|20)[0-9]{2}(?=x[0-3]?[0-9]{1,2}(?![0-9]|[.-][0-3][0-9](?![0-9]))))"
    + r"(?:[xх]([0-9]{1,4})|[ ]x[ ]([0-9]{2}))(?![0-9p])",  # the second x is Cyrillic
    _FLAGS,
)
#: In one number: `S0201`.
_JOINED: Final = re.compile(_START + r"S(0[1-9])([0-9]{2})()" + _END, _FLAGS)
#: A cross that follows a word directly: `Alpha1x05`.
_CROSS_ATTACHED: Final = re.compile(r"(?<=[a-z])([0-9]{1,2})x([0-9]{2})()" + _END, _FLAGS)
#: A further number. Groups: separator, season, number behind E or x; season and number of `1x06`;
#: separator and bare number.
_NEXT: Final = re.compile(
    r"([ .]{0,2}(?:[-&+,~]|and|und|to|bis|a[uà]?|al)?[ .]{0,2})"
    r"(?:(?:S([0-9]{1,4})[ .]?)?(?:EP?|(?<! )x(?!26[3-6](?![0-9])))([0-9]{1,5})(?![0-9])"
    r"|([0-9]{1,2}|(?:19|20)[0-9]{2}(?=x[0-3]?[0-9]{1,2}(?![0-9])))x([0-9]{1,4})(?![0-9]))"
    r"|([-+~,&])([0-9]{2,5})(?![0-9]|(?!v[0-9](?![^\W_]))[^\W_]|[.][0-9](?![0-9]))",
    _FLAGS,
)
#: `8x01_02`.
_NEXT_UNDERSCORE: Final = re.compile(r"()()()()()(_)([0-9]{2})(?=_|\Z| )")
#: `S1E1-8 of 8`, behind a number without zeros.
_NEXT_SHORT: Final = re.compile(r"()()()()()([-~])([1-9])(?=[ ]?(?:\Z|[\])]|of))", _FLAGS)
#: `S03E21.22.HDTV`.
_NEXT_DOT: Final = re.compile(r"()()()()()([.])([0-9]{2})(?=[.]|\Z)")
_ONE_DIGIT: Final = re.compile(r"(?<![0-9])[1-9]\Z")
#: A number between a dash and brackets or the end.
_DASHED: Final = re.compile(r" - ([0-9]{2,4})(?=[ ]{0,2}(?:\Z|[\[(]))")
#: A number before the code: ` - 030 - S02E05`, ` Folge 30 - S02E05`.
_BEFORE: Final = re.compile(
    r"(?: - ([0-9]{2,4})|[ ](?:folge|episode|ep)[ .]{0,2}([0-9]{1,4}))(?: - |[ ])?\Z", _FLAGS
)
#: What joins the ends of a range.
_RANGE_SIGNS: Final = frozenset({"-", "~", "to", "bis", "a", "à", "au", "al"})
#: What must follow a further number behind a spaced dash, so that it is no title.
_CLEAR: Final = re.compile(r"[ .]{0,2}(?:\Z|[-\[(&+,]|E[0-9]|S[0-9]|x[0-9])", _FLAGS)
_FRACTION: Final = re.compile(r"\.(?:([1-9])(?=[ \[(]|\Z)|(5)(?=\.[^0-9]))")
#: Absolute numbers behind the code: ` - 030`, ` (028)`, ` [1527]`, `.001`, ` - 001-002`.
_NUMBERS = r"([0-9]{2,4}(?:-[0-9]{2,4}){0,8})"
_ABSOLUTE: Final = re.compile(
    r"[ .]{0,2}(?:(?:(-)[ ]{1,2})?[\[(]"
    + _NUMBERS
    + r"[\])]|(?:(-)[ ]{1,2})?"
    + _NUMBERS
    + r"(?=[ .]|\Z)"
    r"(?=[ .]{0,2}(?:\Z|-[ ]|[\[(]|HDTV|WEB)))",
    _FLAGS,
)
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")


def by_own_name(text: NameText) -> Found | None:
    """Read Aniworld's own names: the first code counts, whatever numbers the title holds.

    They end with the code or with a language.
    """
    match = _OWN.search(text.text, text.found_title.end if text.found_title else 0)
    if match is None or _OTHER_CODE.search(text.text, 0, match.start()):
        return None
    label = _LABEL.search(text.text, match.end())
    # `(German Dub)`, or `(Japanese + French)` for sound and subtitles
    words = label[1].split(" + ") if label else [""]
    if match.end() < len(text.text) and not all(map(is_language_word, words)):
        return None
    first, last = int(match[2]), int(match[3] or 0)
    if last and not first < last <= first + LONGEST_RANGE:
        return None
    numbers = tuple(range(first, max(first, last) + 1))
    found = _found(NameRule.OWN_NAME, match.span(), int(match[1]), numbers)
    return _with_number_before(found, text)


def by_code(text: NameText) -> Found | None:
    """Read `S01E05` and its variants."""
    source = text.text
    match = _CODE.search(source) or _ATTACHED.search(source)
    if match is None:
        match = _IN_BRACKETS.search(source) or _BARE.search(source) or _JOINED.search(source)
    if match is None:
        return None
    found = _continued(NameRule.SEASON_EPISODE, text, source, match)
    return _without_contradiction(found, source)


def by_cross(text: NameText) -> Found | None:
    """Read `1x05` and its variants."""
    source = text.text
    match = _CROSS.search(source) or _CROSS_ATTACHED.search(source)
    if match is None:
        return None
    found = _continued(NameRule.CROSS, text, source, match)
    other = _DASHED.search(source, found.end) if _ONE_DIGIT.search(match[0]) else None
    if other is None or found.doubt is not None or int(other[1]) in found.episodes:
        return found
    # `2x2 Alpha - 05`: the cross may be part of the title
    span, code = (found.start, other.end()), (found.season, found.episodes)
    return disagreement(found.rule, span, code, (None, (int(other[1]),)))


def _continued(rule: NameRule, text: NameText, source: str, match: re.Match[str]) -> Found:
    season, first = int(match[1]), int(match[2] or match[3])
    start, end = match.span()
    fraction = _FRACTION.match(source, end)
    if fraction and rule is NameRule.SEASON_EPISODE:
        return Found(
            start=start,
            end=fraction.end(),
            rule=NameRule.FRACTION,
            kind=NameKind.SPECIAL,
            season=0,
            mark="recap",
            fraction=first + int(fraction[1] or fraction[2]) / 10,
        )
    version, end = version_at(source, end)
    numbers, is_range = [first], False
    while following := _next(text, source, end, numbers[-1]):
        if following.season not in {None, season}:
            readings = (season, tuple(numbers)), (following.season, (following.number,))
            return disagreement(rule, (start, following.end), *readings)
        if following.is_marked and following.number < numbers[-1]:
            readings = (season, tuple(numbers)), (season, (following.number,))
            return disagreement(rule, (start, following.end), *readings)
        if not numbers[-1] < following.number <= numbers[-1] + LONGEST_RANGE:
            break
        is_range = following.is_joined and len(numbers) == 1
        numbers.append(following.number)
        version, end = version_at(source, following.end, version)
    if is_range and len(numbers) == 2:
        numbers = list(range(numbers[0], numbers[1] + 1))
    found = _found(rule, (start, end), season, tuple(numbers), version=version)
    return _with_number_before(_with_absolute(found, source), text)


def _with_number_before(found: Found, text: NameText) -> Found:
    """Add the absolute number before the code; put one that contradicts it in doubt."""
    match = _BEFORE.search(text.text, text.found_title.end if text.found_title else 0, found.start)
    if match is None or found.doubt is not None or not found.season:
        return found
    digits, first = match[1] or match[2], found.episodes[0]
    number = int(digits)
    if number == first or (found.season > 1 and number > first and not _YEAR.fullmatch(digits)):
        return attrs.evolve(found, absolute=found.absolute or (number,))
    if match[1] and not digits.startswith("0"):
        return found  # more likely a part of the title
    span, code = (match.start(), found.end), (found.season, found.episodes)
    return disagreement(found.rule, span, code, (None, (number,)))


def _without_contradiction(found: Found, source: str) -> Found:
    """Put a code in doubt if another one in the name says something else."""
    if found.doubt is not None or found.rule is not NameRule.SEASON_EPISODE:
        return found
    other = _CODE.search(source, found.end) or _ATTACHED.search(source, found.end)
    before = _CROSS.search(source, 0, found.start) if other is None else None
    if before is not None and int(before[1]) == found.season:
        other = before
    if other is None:
        return found
    season, number = int(other[1]), int(other[2] or other[3])
    if season == found.season and number in found.episodes:
        return found
    span = (min(found.start, other.start()), max(found.end, other.end()))
    return disagreement(found.rule, span, (found.season, found.episodes), (season, (number,)))


@attrs.frozen(kw_only=True)
class _Following:
    """A further number behind a code.

    Attributes:
        season: Its season, if it has one.
        number: The number.
        is_joined: Whether it may end a range.
        is_marked: Whether it has a letter of its own: `-E03`, `x03`.
        end: The place behind it.
    """

    season: int | None = None
    number: int
    is_joined: bool
    is_marked: bool = False
    end: int


def _next(text: NameText, source: str, end: int, last: int) -> _Following | None:
    match = _NEXT.match(source, end) or _NEXT_UNDERSCORE.match(text.stem, end)
    if match is None and RELEASE.match(source, end + 3):
        match = _NEXT_DOT.match(source, end)
    if match is None and _ONE_DIGIT.search(source, end - 2, end):
        match = _NEXT_SHORT.match(source, end)
    if match is None:
        return None
    if match[7]:
        if match[6] in "_." and int(match[7]) != last + 1:
            return None
        return _Following(number=int(match[7]), is_joined=match[6] in "-~", end=match.end())
    separator = match[1]
    season = match[2] or match[4]
    is_spaced = "-" in separator and separator.strip(" .") != separator
    if is_spaced and not season and not _CLEAR.match(source, match.end()):
        return None
    if not separator and match[4]:
        return None
    return _Following(
        season=int(season) if season else None,
        number=int(match[3] or match[5]),
        is_joined=separator.strip(" .").lower() in _RANGE_SIGNS,
        is_marked=True,
        end=match.end(),
    )


def _with_absolute(found: Found, source: str) -> Found:
    """Add absolute numbers behind the code; put a number that contradicts it in doubt."""
    match = _ABSOLUTE.match(source, found.end)
    if match is None or found.season == 0:
        return found
    digits = (match[2] or match[4]).split("-")
    if _YEAR.fullmatch(digits[0]):
        return found
    numbers, first = tuple(map(int, digits)), found.episodes[0]
    if len(numbers) == 2 and len(found.episodes) == numbers[1] - numbers[0] + 1:
        numbers = tuple(range(numbers[0], numbers[1] + 1))
    agrees = numbers == found.episodes or (
        found.season != 1 and numbers[0] > first and len(numbers) == len(found.episodes)
    )
    if agrees:
        return attrs.evolve(found, absolute=numbers, end=match.end())
    is_number = digits[0].startswith("0") or first < numbers[0] <= first + _NEAR
    if not match[3] or not is_number or len(found.episodes) > 1:
        return found  # more likely a part, a picture height or a title
    return disagreement(
        found.rule,
        (found.start, match.end()),
        (found.season, found.episodes),
        (found.season, numbers[:1]),
    )


def _found(
    rule: NameRule,
    span: tuple[int, int],
    season: int,
    numbers: Sequence[int],
    *,
    version: int = 1,
) -> Found:
    return Found(
        start=span[0],
        end=span[1],
        rule=rule,
        kind=NameKind.EPISODE if season else NameKind.SPECIAL,
        season=season,
        season_from=SeasonSource.NAME,
        episodes=tuple(numbers),
        version=version,
    )
