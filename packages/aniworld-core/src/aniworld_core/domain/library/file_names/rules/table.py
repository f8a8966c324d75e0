"""The rules for names without a code of season and episode, most reliable first."""

from collections.abc import Callable
from typing import Final, TypeAlias

import attrs

from aniworld_core.domain.library.file_names import compact, recaps
from aniworld_core.domain.library.file_names.counting import season_of
from aniworld_core.domain.library.file_names.found import Found
from aniworld_core.domain.library.file_names.reading import NameKind, NameRule, SeasonSource
from aniworld_core.domain.library.file_names.remaining import NumberText
from aniworld_core.domain.library.file_names.rules import bare, dashes, specials, words

Rule: TypeAlias = Callable[[NumberText], Found | None]


def by_date(text: NumberText) -> Found | None:
    """Read a date in place of a number; `OVA 2010-01-29` is an OVA."""
    if text.date is None:
        return None
    if special := specials.as_unnumbered(text):
        return special
    date, start, end = text.date
    return Found(start=start, end=end, rule=NameRule.DATE, date=date)


def as_several_seasons(text: NumberText) -> Found | None:
    """Read `Seasons 1-3`, whatever other numbers the name holds."""
    return as_batch(text) if text.has_seasons else None


def as_batch(text: NumberText) -> Found | None:
    """Read a season without a number of an episode as a whole season in one file."""
    if text.season is None and not text.has_seasons:
        return None
    season, _ = season_of(text)
    found = Found(start=0, end=0, rule=NameRule.BATCH, kind=NameKind.BATCH, season=season)
    return attrs.evolve(found, season_from=SeasonSource.NAME if season is not None else None)


RULES: Final[tuple[Rule, ...]] = (
    specials.as_extra,
    as_several_seasons,
    words.by_sezon,
    words.by_compact_word,
    words.by_pair_in_brackets,
    recaps.by_fraction,
    words.by_word,
    specials.as_special,
    specials.as_cinema,
    specials.as_cjk_special,
    bare.in_season_folder,
    dashes.as_spaced_range,
    dashes.after_dash,
    dashes.in_brackets,
    by_date,
    compact.by_month_and_day,
    compact.by_television,
    compact.by_pair,
    bare.at_start,
    words.by_weak_word,
    bare.after_title,
    compact.by_folder,
    dashes.after_dash_loosely,
    words.by_number_word,
    specials.as_unnumbered,
    specials.as_loose_extra,
    bare.at_end,
    as_batch,
)
