"""Give episode numbers their season and kind, or put them in doubt."""

import re
from collections.abc import Sequence
from typing import Final

import attrs

from aniworld_core.domain.library.file_names import marks
from aniworld_core.domain.library.file_names.codes import LONGEST_RANGE
from aniworld_core.domain.library.file_names.found import Found, disagreement, in_doubt, version_at
from aniworld_core.domain.library.file_names.reading import (
    NameKind,
    NameRule,
    Numbers,
    SeasonSource,
    SequelMark,
)
from aniworld_core.domain.library.file_names.remaining import NumberText
from aniworld_core.domain.library.file_names.sequels import numeral_before, with_sequel
from aniworld_core.messages import Message

#: Picture heights that appear in brackets without `p`.
HEIGHTS: Final = frozenset({360, 480, 540, 576, 720, 1080, 1440, 2160, 4320})
#: From this many episodes on, a range that begins with 1 is a batch.
_SHORT_BATCH = 5
#: From this many episodes on, every range is one.
_BATCH = 13
_BATCH_WORD: Final = re.compile(r"(?<![^\W_])(?:batch|complete|komplett)(?![^\W_])", re.IGNORECASE)
_ALTERNATIVE: Final = re.compile(
    r"[ ]{0,2}[\[(]([0-9]{2,4})(?:-([0-9]{2,4}))?[\])](?![ ]?[0-9])", re.ASCII
)


def spread(first: int, last: int) -> tuple[int, ...]:
    """Return the numbers of a range; none if it is too long to be one file."""
    if last <= first:
        return (first,)
    return tuple(range(first, last + 1)) if last <= first + LONGEST_RANGE else ()


def counted(
    text: NumberText,
    rule: NameRule,
    span: tuple[int, int],
    numbers: tuple[int, ...],
    *,
    version: int = 1,
) -> Found:
    """Return episode numbers with the season of name or folder, or put them in doubt."""
    if not numbers:
        return Found(start=span[0], end=span[1], rule=rule, kind=NameKind.BATCH)
    season, source = season_of(text)
    absolute, end = numbers if season is None else (), span[1]
    if alternative := _ALTERNATIVE.match(text.clean, end):
        other = spread(int(alternative[1]), int(alternative[2] or 0))
        is_height = other[0] in HEIGHTS and alternative[0].endswith("]")
        if other != numbers and not is_height and len(other) == len(numbers):
            numbers, absolute = sorted((numbers, other))
            if absolute[0] >= 100 and absolute[0] % 100 == numbers[0] and season is None:
                candidates = [Numbers(absolute[0] // 100, numbers), Numbers(None, absolute)]
                return unclear(rule, (span[0], alternative.end()), str(absolute[0]), candidates)
            end = alternative.end()
    found = Found(
        start=span[0],
        end=end,
        rule=rule,
        season=season,
        season_from=source,
        episodes=numbers,
        absolute=absolute,
        version=version_at(text.clean, end, version)[0],
    )
    found = _with_kind(text, found)
    if text.season is not None and text.other_season is not None:
        readings = [(season, numbers) for season in (text.season, text.other_season)]
        return disagreement(rule, span, *readings)
    hinted = text.name.hint.season
    if text.season is not None and hinted is not None and hinted != text.season:
        return _season_doubt(found, text.season, hinted)
    return with_sequel(found, text.name, _sequel_before(text, found.start))


def unclear(
    rule: NameRule, span: tuple[int, int], text: str, candidates: Sequence[Numbers]
) -> Found:
    """Return a number that may belong to the title."""
    doubt = Message("name_number_unclear", number=text)
    return in_doubt(Found(start=span[0], end=span[1], rule=rule), doubt, candidates)


def season_of(text: NumberText) -> tuple[int | None, SeasonSource | None]:
    """Return the season of the name, otherwise of the folder, and where it comes from."""
    if text.season is not None:
        return text.season, SeasonSource.NAME
    hinted = text.name.hint.season
    return hinted, None if hinted is None else SeasonSource.FOLDER


def _with_kind(text: NumberText, found: Found) -> Found:
    after = marks.SPECIAL_AFTER.match(text.clean, found.end)
    mark = text.name.hint.mark
    if after:
        mark = marks.special_mark(after[1])
    if mark or found.season == 0:
        kind = NameKind.MOVIE if mark == "movie" else NameKind.SPECIAL
        return attrs.evolve(found, kind=kind, mark=mark, season=0, absolute=())
    numbers = found.episodes
    count = numbers[-1] - numbers[0] + 1
    is_batch = count > 1 and (
        _BATCH_WORD.search(text.name.text) is not None
        or count >= _BATCH
        or (count >= _SHORT_BATCH and numbers[0] == 1)
    )
    return attrs.evolve(found, kind=NameKind.BATCH) if is_batch else found


def _season_doubt(found: Found, named: int, hinted: int) -> Found:
    doubt = Message("name_season_disagrees", named=named, folder=hinted)
    candidates = [Numbers(season, found.episodes) for season in (named, hinted)]
    return in_doubt(found, doubt, candidates)


def _sequel_before(text: NumberText, end: int) -> SequelMark | None:
    for start, sequel in text.sequels:
        if text.start <= start < end:
            return sequel
    numeral = numeral_before(text.open, text.start, end)
    if numeral is None:
        return None
    mark, start = numeral
    # Without a word before it, a numeral is the title: `X - 05`.
    has_title = text.name.found_title or any(map(str.isalnum, text.open[:start]))
    return mark if has_title else None
