"""Facts about a series from a metadata source, such as air dates, aliases and ids."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final

import attrs

from aniworld_core.domain.catalogue.series import Series
from aniworld_core.domain.catalogue.story import (
    SELF,
    AirDate,
    RelatedEntry,
    SeasonPart,
    season_parts,
    seasons_of_story,
)
from aniworld_core.domain.identity import SeriesKey

#: Years of believable air dates; others are mistakes in a source.
_YEARS: Final = range(1900, 2200)
#: Most aliases that an entry adds to a series.
_MOST_ALIASES: Final = 50


@attrs.frozen
class PictureLink:
    """Link of a picture, with the metadata source that gave it."""

    source: str
    url: str


@attrs.frozen(kw_only=True)
class SeasonDetails:
    """What a source has about one season.

    Attributes:
        poster_url: Link of the poster of the season.
    """

    number: int
    title: str = ""
    description: str = ""
    poster_url: str | None = None


@attrs.frozen(kw_only=True)
class EpisodeDetails:
    """What a source has about one episode.

    Attributes:
        season: Season of the episode; `None` if the source counts no seasons.
        minutes: Playing time.
        picture_url: Link of a picture of the episode.
        external_id: Id of the episode in a database, such as `tvmaze-4952`; empty if unknown.
    """

    number: int
    season: int | None = None
    title: str = ""
    description: str = ""
    minutes: int | None = None
    picture_url: str | None = None
    external_id: str = ""


@attrs.frozen(kw_only=True)
class MetadataDetails:
    """Seasons and episodes of an entry, for sidecars."""

    seasons: tuple[SeasonDetails, ...] = ()
    episodes: tuple[EpisodeDetails, ...] = ()


@attrs.frozen(kw_only=True)
class MetadataEntry:
    """One entry of a metadata source.

    Attributes:
        source: Name of the source, such as `anilist`.
        id: Id of the entry in its source.
        title: Main title.
        link: Page of the entry.
        fetched_at: When the source returned it.
        titles: Titles by language tag, such as `ja` or `ja-Latn`.
        aliases: Other titles.
        kind: Format in lower case, such as `tv`, `movie` or `ova`; empty if unknown.
        status: Status in lower case, such as `releasing` or `ended`; empty if unknown.
        quarter: Season of the year in lower case, such as `spring`; empty if unknown.
        year: Year of the first episode.
        episode_count: Number of all episodes, where known.
        air_dates: Air dates by season and number.
        external_ids: Ids in databases, the own one included, such as `mal-16498`.
        poster_url: Link of the poster.
        banner_url: Link of a wide picture.
        related: Other entries of the source.
        details: Seasons and episodes. They are large, so a repository returns stored entries
            without them, and the details by a method of their own.
        story: The entry with those before and after it, in order; empty if the source knows none,
            or they cannot be followed to the first.
    """

    source: str
    id: str
    title: str
    link: str
    fetched_at: datetime
    titles: Mapping[str, str] = attrs.field(factory=dict)
    aliases: tuple[str, ...] = ()
    kind: str = ""
    status: str = ""
    quarter: str = ""
    year: int | None = None
    episode_count: int | None = None
    air_dates: tuple[AirDate, ...] = ()
    genres: tuple[str, ...] = ()
    studios: tuple[str, ...] = ()
    description: str = ""
    external_ids: tuple[str, ...] = ()
    poster_url: str | None = None
    banner_url: str | None = None
    related: tuple[RelatedEntry, ...] = ()
    details: MetadataDetails = MetadataDetails()
    story: tuple[RelatedEntry, ...] = ()

    @property
    def as_related(self) -> RelatedEntry:
        """Return the entry as part of its own story."""
        return RelatedEntry(
            relation=SELF,
            id=self.id,
            title=self.title,
            titles=self.all_titles,
            kind=self.kind,
            year=self.year,
            episode_count=self.episode_count,
            air_dates=self.air_dates,
        )

    @property
    def all_air_dates(self) -> tuple[AirDate, ...]:
        """Return the air dates of the entry and of its whole story; they have no order."""
        return (*self.air_dates, *(date for entry in self.story for date in entry.air_dates))

    @property
    def all_titles(self) -> tuple[str, ...]:
        """Return every title once, the main title first."""
        return tuple(dict.fromkeys((self.title, *self.titles.values(), *self.aliases)))

    @property
    def code(self) -> str:
        """Return source and id as people write them, such as `anilist:16498`."""
        return f"{self.source}:{self.id}"

    def next_airing(self, now: datetime) -> AirDate | None:
        """Return the first air date after *now*, if one is known."""
        return min((d for d in self.air_dates if d.at > now), key=lambda d: d.at, default=None)


@attrs.frozen(kw_only=True)
class SeriesMetadata:
    """The entry of a series in one source.

    Attributes:
        key: The series.
        entry: Its entry.
        chosen: Whether a person chose the entry.
    """

    key: SeriesKey
    entry: MetadataEntry
    chosen: bool = False


def wide_picture(entries: Iterable[MetadataEntry]) -> PictureLink | None:
    """Return the wide picture of a series: that of the first entry with one."""
    return next((PictureLink(e.source, e.banner_url) for e in entries if e.banner_url), None)


def with_metadata(
    series: Series, entry: MetadataEntry, *, previous: MetadataEntry | None = None
) -> Series:
    """Return a series with the ids, aliases and parts of its entry, and with facts that it lacks.

    Args:
        series: The series.
        entry: Its entry.
        previous: Its former entry of the same source; its ids and aliases are removed.
    """
    former_ids = set(previous.external_ids if previous else ())
    former_titles = set(previous.all_titles if previous else ())
    ids = {each.partition("-")[0]: each for each in entry.external_ids}
    ids |= {each.partition("-")[0]: each for each in series.external_ids if each not in former_ids}
    # The entry that was chosen last decides about the id in its own database.
    ids[entry.source] = f"{entry.source}-{entry.id}"
    titles = [t for t in series.alternative_titles if t not in former_titles]
    titles += [t for t in entry.all_titles[:_MOST_ALIASES] if t not in (*titles, series.name)]
    return attrs.evolve(
        series,
        external_ids=tuple(sorted(ids.values())),
        alternative_titles=tuple(titles),
        description=series.description or entry.description,
        year=series.year or entry.year,
        genres=series.genres or entry.genres,
        cover_url=series.cover_url or entry.poster_url,
        parts=_parts(series, entry, previous),
    )


def without_metadata(series: Series, entry: MetadataEntry) -> Series:
    """Return a series without the ids and aliases of an entry; other facts stay."""
    ids, titles = {*entry.external_ids, f"{entry.source}-{entry.id}"}, set(entry.all_titles)
    return attrs.evolve(
        series,
        external_ids=tuple(each for each in series.external_ids if each not in ids),
        alternative_titles=tuple(t for t in series.alternative_titles if t not in titles),
        parts=() if entry.story else series.parts,
    )


def _parts(
    series: Series, entry: MetadataEntry, previous: MetadataEntry | None
) -> tuple[SeasonPart, ...]:
    """Return the parts of the story of an entry; those of another source stay."""
    if not entry.story:
        return () if previous is not None and previous.story else series.parts
    return season_parts(entry.story, _seasons(series), (series.name,))


def _seasons(series: Series) -> dict[int, int]:
    """Return the highest number of each regular season."""
    seasons: dict[int, int] = {}
    for episode in series.episodes:
        if episode.season > 0:
            last = episode.last_number or episode.number
            seasons[episode.season] = max(last, seasons.get(episode.season, 0))
    return seasons


def seasons_of_series(
    series: Series, entry: MetadataEntry
) -> tuple[tuple[RelatedEntry, int, int], ...]:
    """Return the entries of the story of a series with their seasons, as `seasons_of_story`."""
    return seasons_of_story(entry.story, _seasons(series))


def air_dates_of(
    series: Series, entries: Collection[MetadataEntry]
) -> Mapping[tuple[int, int], datetime]:
    """Return the air dates of a series by season and number.

    A source without seasons decides about a series with several seasons only if its entry is part
    of a story that fits them, because it may be that of any season. The last source decides if
    several know a date.
    """
    only = only_season(series)
    found: dict[tuple[int, int], datetime] = {}
    for entry in entries:
        placed = seasons_of_series(series, entry)
        found |= {
            (season, before + d.number): d.at
            for part, season, before in placed
            for d in part.air_dates
            if d.at.year in _YEARS
        }
        if not placed:
            found |= {
                (season, d.number): d.at
                for d in entry.air_dates
                if (season := only if d.season is None else d.season) is not None
                and d.at.year in _YEARS
            }
    return found


def only_season(series: Series) -> int | None:
    """Return the season that a source without seasons means; `None` if there are several."""
    regular = _seasons(series)
    return next(iter(regular), 1) if len(regular) <= 1 else None


def without_unaired(series: Series, entries: Collection[MetadataEntry], now: datetime) -> Series:
    """Return a series in which episodes that air after *now* are announced, so never missing.

    Episodes in the library stay as they are.
    """
    dates = air_dates_of(series, entries)
    return attrs.evolve(
        series,
        episodes=tuple(
            attrs.evolve(e, available=False)
            if e.available
            and not e.downloaded
            and (at := dates.get((e.season, e.number))) is not None
            and at > now
            else e
            for e in series.episodes
        ),
    )
