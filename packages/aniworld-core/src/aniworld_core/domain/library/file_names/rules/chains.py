"""Numbers in a row: `09v2`, `26-27`, `01-02-03`, `01 ~ 10`."""

import re
from typing import Final

from aniworld_core.domain.library.file_names.counting import counted, spread, unclear
from aniworld_core.domain.library.file_names.found import Found
from aniworld_core.domain.library.file_names.marks import MORE
from aniworld_core.domain.library.file_names.reading import NameRule, Numbers
from aniworld_core.domain.library.file_names.remaining import NumberText

#: A number, its version, and further numbers: `09v2`, `07Fin`, `13完`, `26-27`, `01-02-03`,
#: `01 ~ 10`, `01-24完`.
NUMBER: Final = (
    r"([0-9]{1,4})(?:(?:[a-d]|fin|end|完[结結]?)(?![^\W_]))?(?:[ ]{0,2}v([0-9]))?"
    + MORE
    + r"(?:[ ]?v[0-9]|[ ]?(?:fin|end|完[结結]?|合集)(?![^\W_]))?(?![^\W_])"
)
#: What follows a number that no title follows.
CLEAR_END: Final = r"(?=[ ]{0,2}(?:\Z|[\x00\[({~\])}]|-[ \x00]|-\Z))"
_STEPS: Final = re.compile(r"([-~&+,]|to|bis|ao|and|und)[ ]?([0-9]{1,4})", re.IGNORECASE)
_PAIR: Final = re.compile(r"-([0-9]{1,4})")
_SIGNS: Final = {"to": "-", "bis": "-", "ao": "-", "and": "&", "und": "&"}


def numbered(
    text: NumberText, match: re.Match[str], rule: NameRule, span: tuple[int, int] | None = None
) -> Found:
    """Read a match of the common number pattern."""
    numbers = chain(int(match[1]), match[3])
    if len(numbers) == 1 and (pair := _PAIR.fullmatch(match[3])) and pair[1] != match[1]:
        # `1-05`: not a range
        candidates = [Numbers(numbers[0], (int(pair[1]),)), Numbers(None, numbers)]
        return unclear(rule, span or match.span(), match[0], candidates)
    return counted(text, rule, span or match.span(), numbers, version=int(match[2] or 1))


def chain(first: int, more: str) -> tuple[int, ...]:
    """Return the numbers of `26-27`, `01-02-03`, `09 & 10`, `1-3 & 5-7` and `01 bis 12`.

    Args:
        first: The first number.
        more: What `MORE` matches.
    """
    steps = [(_SIGNS.get(sign.lower(), sign), int(number)) for sign, number in _STEPS.findall(more)]
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
