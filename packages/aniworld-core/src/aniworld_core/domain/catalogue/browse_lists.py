"""Browse lists of catalogues: popular series, new episodes and the calendar."""

import enum
from collections.abc import Iterable
from datetime import date, datetime

import attrs

from aniworld_core.domain.catalogue.series import SeriesMatch
from aniworld_core.domain.identity import SeriesKey, format_episode_code
from aniworld_core.domain.media import Language

_LAST = date.max


class BrowseListName(enum.StrEnum):
    """Name of a browse list."""

    POPULAR = "popular"  #: most popular first
    NEW = "new"  #: newest first
    CALENDAR = "calendar"  #: by release day, earliest first


@attrs.frozen(kw_only=True)
class BrowseEntry:
    """An entry of a browse list: a series or one of its episodes.

    Attributes:
        site: Public name of the catalogue.
        provider: Name of its loader.
        season: Season of the episode; `None` for a whole series.
        number: Number of the episode; `None` for a whole season.
        languages: Languages of the episode, where the list names them.
        day: Release day in the catalogue's own calendar.
        at: Release time in UTC; `None` if the catalogue names none, or if its clock changes
            in that hour.
    """

    key: SeriesKey
    name: str
    site: str
    provider: str
    link: str
    cover_url: str | None = None
    year: int | None = None
    season: int | None = None
    number: int | None = None
    languages: frozenset[Language] | None = None
    day: date | None = None
    at: datetime | None = None

    @classmethod
    def of(cls, match: SeriesMatch, at: datetime | None = None) -> "BrowseEntry":
        """Return the entry of a whole series.

        Args:
            match: The series as a search result.
            at: Release time; `day` becomes its day in UTC.
        """
        return cls(
            key=match.key,
            name=match.name,
            site=match.site,
            provider=match.provider,
            link=match.link,
            cover_url=match.cover_url,
            year=match.year,
            day=at.date() if at is not None else None,
            at=at,
        )

    @property
    def code(self) -> str | None:
        """`S01E05`, `S01` for a whole season, `None` for a whole series."""
        if self.season is None:
            return None
        if self.number is None:
            return f"S{self.season:02d}"
        return format_episode_code(self.season, self.number)


def arranged(
    browse_list: BrowseListName, entries: Iterable[BrowseEntry]
) -> tuple[BrowseEntry, ...]:
    """Sort the entries of several catalogues into one list.

    A calendar starts with the earliest day, new episodes start with the latest. Entries without
    a day come last. Entries of equal rank keep their order.
    """
    placed = list(entries)
    if browse_list is BrowseListName.NEW:
        placed.sort(key=lambda entry: entry.day or date.min, reverse=True)
    elif browse_list is BrowseListName.CALENDAR:
        placed.sort(key=_moment)
    return tuple(placed)


def _moment(entry: BrowseEntry) -> tuple[date, bool, float]:
    # Entries without a time come last within their day.
    return entry.day or _LAST, entry.at is None, entry.at.timestamp() if entry.at else 0.0
