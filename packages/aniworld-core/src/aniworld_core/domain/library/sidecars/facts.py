"""What metadata sources add to the sidecars of a series."""

from collections.abc import Mapping, Sequence
from datetime import date

import attrs

from aniworld_core.domain.catalogue import (
    EpisodeDetails,
    MetadataDetails,
    MetadataEntry,
    PictureLink,
    SeasonDetails,
    Series,
    air_dates_of,
    only_season,
    wide_picture,
)


@attrs.frozen(kw_only=True)
class SidecarFacts:
    """Facts of all entries of a series; the first source that has one decides.

    Attributes:
        original_title: Title in the original language; empty if unknown.
        has_ended: Whether the last episode was shown; `None` if unknown.
        wide: Link of a wide picture.
        seasons: Details by season.
        posters: Links of season posters by season.
        episodes: Details by season and number.
        thumbs: Links of pictures of episodes by season and number.
        aired: First day of each episode (UTC) by season and number.
    """

    original_title: str = ""
    has_ended: bool | None = None
    studios: tuple[str, ...] = ()
    wide: PictureLink | None = None
    seasons: Mapping[int, SeasonDetails] = attrs.field(factory=dict)
    posters: Mapping[int, PictureLink] = attrs.field(factory=dict)
    episodes: Mapping[tuple[int, int], EpisodeDetails] = attrs.field(factory=dict)
    thumbs: Mapping[tuple[int, int], PictureLink] = attrs.field(factory=dict)
    aired: Mapping[tuple[int, int], date] = attrs.field(factory=dict)

    @property
    def premiered(self) -> date | None:
        """Return the first day of the series."""
        return min((day for (season, _), day in self.aired.items() if season), default=None)

    @property
    def ended(self) -> date | None:
        """Return the last day of the series, once it has ended."""
        days = [day for (season, _), day in self.aired.items() if season]
        return max(days, default=None) if self.has_ended else None


def sidecar_facts(
    series: Series, entries: Sequence[MetadataEntry], details: Mapping[str, MetadataDetails]
) -> SidecarFacts:
    """Return what metadata entries add to the sidecars of a series.

    Args:
        series: The series.
        entries: Its entries.
        details: Details of the entries by source.
    """
    only = only_season(series)
    seasons: dict[int, SeasonDetails] = {}
    posters: dict[int, PictureLink] = {}
    episodes: dict[tuple[int, int], EpisodeDetails] = {}
    thumbs: dict[tuple[int, int], PictureLink] = {}
    for source, found in details.items():
        for season in found.seasons:
            seasons.setdefault(season.number, season)
            if season.poster_url:
                posters.setdefault(season.number, PictureLink(source, season.poster_url))
        for episode in found.episodes:
            number = only if episode.season is None else episode.season
            if number is None:
                continue
            episodes.setdefault((number, episode.number), episode)
            if episode.picture_url:
                link = PictureLink(source, episode.picture_url)
                thumbs.setdefault((number, episode.number), link)
    return SidecarFacts(
        original_title=next((e.titles["ja"] for e in entries if e.titles.get("ja")), ""),
        has_ended=_has_ended(entries, has_one_season=only is not None),
        studios=next((e.studios for e in entries if e.studios), ()),
        wide=wide_picture(entries),
        seasons=seasons,
        posters=posters,
        episodes=episodes,
        thumbs=thumbs,
        aired={place: at.date() for place, at in air_dates_of(series, entries).items()},
    )


def _has_ended(entries: Sequence[MetadataEntry], *, has_one_season: bool) -> bool | None:
    """Return whether a series has ended; an entry without seasons may be that of one season."""
    statuses = {
        entry.status
        for entry in entries
        if has_one_season or any(day.season is not None for day in entry.air_dates)
    }
    if "releasing" in statuses:
        return False
    return True if "finished" in statuses else None
