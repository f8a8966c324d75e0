"""Recaps with a fraction as their number: `Alpha - 12.5`."""

import re
from typing import Final

from aniworld_core.domain.library.file_names.found import Found
from aniworld_core.domain.library.file_names.reading import NameKind, NameRule
from aniworld_core.domain.library.file_names.remaining import NumberText
from aniworld_core.domain.library.file_names.titles import GAP

_FRACTION: Final = re.compile(
    r"(?:(?<![^\W_])-[ .]{0,2}|[\[(#]|EP?[ .]?|OVA[ ]?|(?<=[ ])(?=0|[0-9]{1,3}\.5[ ]?[\[(]))"
    r"([0-9]{1,3})\.([1-9])(?:[ ]?v([0-9]))?(?=[ .]{0,2}(?:\Z|[\[(\])]|-[ .]|[ ]))",
    re.IGNORECASE | re.ASCII,
)
#: `第12.5話`, `12.5화`.
_FRACTION_CJK: Final = re.compile(
    r"(?:第[ ]?|제[ ]?|(?<![0-9.]))([0-9]{1,3})\.([1-9])[ ]?(?:[話话集回회]|화)"
)
#: Behind the known title: `Alpha 12.5`.
_BEHIND_TITLE: Final = re.compile(r"[ ]{1,2}([0-9]{1,3})\.(5)(?=[ ]{0,2}(?:\Z|[\[(]))")
#: The fraction behind a number that another rule has read.
TENTH: Final = re.compile(r"\.([1-9])(?![0-9])")


def by_fraction(text: NumberText) -> Found | None:
    """Read the number of a recap."""
    if not text.words.isascii() and (match := _FRACTION_CJK.search(text.words)):
        return recap(match.start(), match.end(), int(match[1]), int(match[2]))
    title = text.name.found_title
    if title and (match := _BEHIND_TITLE.match(text.words, title.end)):
        return recap(match.start(), match.end(), int(match[1]), int(match[2]))
    match = _FRACTION.search(text.words)
    if match is None or match[0].startswith("#") or _is_remark(text, match):
        return None
    return recap(match.start(), match.end(), int(match[1]), int(match[2]))


def _is_remark(text: NumberText, match: re.Match[str]) -> bool:
    """Return whether the fraction is a number of sound channels or a size: `5.1`, `1.4 GB`."""
    end = match.end()
    is_size = text.words[end : end + 1] == " " and text.clean[end] == GAP
    return is_size or text.clean[match.start(1)] == GAP


def recap(start: int, end: int, number: int, tenth: int) -> Found:
    """Return a recap; it is a special of no known number."""
    return Found(
        start=start,
        end=end,
        rule=NameRule.FRACTION,
        kind=NameKind.SPECIAL,
        season=0,
        mark="recap",
        fraction=number + tenth / 10,
    )
