"""What catalogues put on show before anybody searches: browse lists and what stands on them."""

import enum
from collections.abc import Iterable
from datetime import date, datetime

import attrs

from aniworld_core.domain.catalogue.series import SeriesMatch
from aniworld_core.domain.identity import SeriesKey, format_episode_code
from aniworld_core.domain.media import Language

_LAST = date.max


class BrowseListName(enum.StrEnum):
    """Which of its browse lists a catalogue is asked for."""

    POPULAR = "popular"  #: most wanted first
    NEW = "new"  #: newest first
    CALENDAR = "calendar"  #: what comes when, earliest first


@attrs.frozen(kw_only=True)
class BrowseEntry:
    """A series, or one of its episodes, on a browse list.

    Attributes:
        site: The catalogue as people know it.
        provider: Name of its loader.
        season: Season of the episode that is meant; `None` if the whole series is.
        number: Number of that episode; `None` if the whole season is.
        languages: Languages the episode has or will have, where the browse list tells.
        day: Which day it came or comes, by the catalogue's own calendar.
        at: When on that day, in UTC and as exactly as the catalogue says; `None` where it does
            not say, or where its clock is put forward or back at that hour.
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
        """Put a whole series on a browse list.

        Args:
            match: What is known of it.
            at: When it came or comes; its day is that of UTC.
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
    """Put the entries of several catalogues on one browse list.

    A calendar begins with the earliest day and new episodes with the latest; entries without a
    day come last. Otherwise each keeps its place.
    """
    placed = list(entries)
    if browse_list is BrowseListName.NEW:
        placed.sort(key=lambda entry: entry.day or date.min, reverse=True)
    elif browse_list is BrowseListName.CALENDAR:
        placed.sort(key=_moment)
    return tuple(placed)


def _moment(entry: BrowseEntry) -> tuple[date, bool, float]:
    # Within a day, what has no hour comes last.
    return entry.day or _LAST, entry.at is None, entry.at.timestamp() if entry.at else 0.0
