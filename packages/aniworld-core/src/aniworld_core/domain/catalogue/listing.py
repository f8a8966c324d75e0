"""Lists of series: entries, filters, order, search and totals."""

import enum
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Generic, TypeVar

import attrs

from aniworld_core.domain.catalogue.series import Series, missing_by_season
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.media import Language, Quality

T = TypeVar("T")

_NUMBER: Final = re.compile(r"\d+")
#: Digits to which numbers in names are filled up for sorting.
_DIGITS: Final = 8


@attrs.frozen(kw_only=True)
class SeriesSummary:
    """A series in a list, with counts instead of its episodes.

    Attributes:
        total: Number of episodes that can be had: those in the library, and available wanted ones.
        announced: Number of wanted episodes that are not available yet.
    """

    key: SeriesKey
    name: str
    site: str
    provider: str
    folder: FolderName
    link: str
    missing: Mapping[int, tuple[int, ...]]
    have: int
    total: int
    announced: int = 0
    cover_url: str | None = None
    year: int | None = None
    monitored: bool = True
    languages: tuple[Language, ...] | None = None
    quality: Quality | None = None
    added_at: datetime | None = None


class SeriesFilter(enum.StrEnum):
    """Filter of a list of series."""

    ALL = "all"
    MISSING = "missing"
    COMPLETE = "complete"
    MONITORED = "monitored"
    UNMONITORED = "unmonitored"


class SeriesSort(enum.StrEnum):
    """Sort order of a list of series; ties are sorted by key."""

    NAME = "name"  #: by `sort_name`
    ADDED = "added"  #: newest first
    MISSING = "missing"  #: most missing first


@attrs.frozen(kw_only=True)
class SeriesQuery:
    """Query of a list of series.

    Attributes:
        search: Words that are all part of the name or of another title, ignoring case; no
            wildcards.
        limit: Most rows to return, or `None` for all.
    """

    filter: SeriesFilter = SeriesFilter.ALL
    search: str = ""
    sort: SeriesSort = SeriesSort.NAME
    limit: int | None = None
    offset: int = 0


@attrs.frozen(kw_only=True)
class SeriesTotals:
    """Totals of the series that match a query.

    Attributes:
        series: Number of series.
        incomplete: Number of series with missing episodes.
        have: Episodes in the library.
        total: Episodes that can be had, as in `SeriesSummary`.
        missing: Missing episodes.
        announced: Wanted episodes that are not available yet.
        letters: Number of series before the first one of each initial, in the order of names; `#`
            stands for every other character.
    """

    series: int = 0
    incomplete: int = 0
    have: int = 0
    total: int = 0
    missing: int = 0
    announced: int = 0
    letters: Mapping[str, int] = attrs.field(factory=dict)


def sort_name(name: str) -> str:
    """Return the text by which a name is sorted: without case and accents, numbers by value."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(part for part in parts if not unicodedata.combining(part))
    return _NUMBER.sub(lambda found: found[0].rjust(_DIGITS, "0"), letters)


def initial_of(sorted_name: str) -> str:
    """Return the initial of a text of `sort_name`: `A` to `Z`, or `#` for all others."""
    first = sorted_name[:1].upper()
    return first if "A" <= first <= "Z" else "#"


def first_of_letters(initials: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the letters of `SeriesTotals`.

    Args:
        initials: First characters of sorted names with the number of names, ascending.
    """
    letters: dict[str, int] = {}
    before = 0
    for first, number in initials:
        letters.setdefault(initial_of(first), before)
        before += number
    return letters


def search_words(search: str) -> tuple[str, ...]:
    """Return the words that a search requires, without case."""
    return tuple(search.casefold().split())


def search_text(name: str, alternative_titles: Iterable[str]) -> str:
    """Return the text in which `search_words` are looked up."""
    return "\n".join([name, *alternative_titles]).casefold()


@attrs.frozen
class Page(Generic[T]):
    """Part of a list, with the length of the whole list."""

    items: tuple[T, ...]
    total: int


def summarise(series: Series) -> SeriesSummary:
    """Return the list entry of a series."""
    counted = [e for e in series.episodes if e.counted]
    return SeriesSummary(
        key=series.key,
        name=series.name,
        site=series.site,
        provider=series.provider,
        folder=series.folder,
        link=series.link,
        missing=missing_by_season(series.episodes),
        have=sum(e.downloaded for e in counted),
        total=len(counted),
        announced=sum(e.announced for e in series.episodes),
        cover_url=series.cover_url,
        year=series.year,
        monitored=series.monitored,
        languages=series.languages,
        quality=series.quality,
        added_at=series.added_at,
    )
