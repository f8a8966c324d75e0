"""Browse lists of the demo, with dates relative to today."""

from collections.abc import Iterator
from datetime import date, timedelta

from aniworld_core.domain.catalogue import BrowseEntry, BrowseListName, SeriesMatch
from aniworld_providers.catalogues.demo.all_series import ALL_SERIES
from aniworld_providers.catalogues.demo.values import DemoEpisode, DemoSeries

#: Days between two announced episodes.
_APART = timedelta(days=3)


def entries_of(
    browse_list: BrowseListName, today: date
) -> Iterator[tuple[DemoSeries, DemoEpisode | None, date | None]]:
    """Return the entries of a browse list: series, one of its episodes, and date."""
    if browse_list is BrowseListName.POPULAR:
        for series in ALL_SERIES.values():
            yield series, None, None
    elif browse_list is BrowseListName.NEW:
        for age, series in enumerate(ALL_SERIES.values()):
            out = [episode for episode in series.episodes if episode.available]
            yield series, max(out, key=_place), today - timedelta(days=age)
    else:
        to_come = ((s, e) for s in ALL_SERIES.values() for e in s.episodes if not e.available)
        for position, (series, episode) in enumerate(to_come, start=1):
            yield series, episode, today + _APART * position


def entry(match: SeriesMatch, episode: DemoEpisode | None, day: date | None) -> BrowseEntry:
    """Return one of them as a browse entry."""
    return BrowseEntry(
        key=match.key,
        name=match.name,
        site=match.site,
        provider=match.provider,
        link=match.link,
        cover_url=match.cover_url,
        year=match.year,
        season=episode.season if episode else None,
        number=episode.number if episode else None,
        languages=frozenset(episode.languages) or None if episode else None,
        day=day,
    )


def _place(episode: DemoEpisode) -> tuple[int, int]:
    return episode.season, episode.number
