"""Series and their episodes, and what the disk and the catalogue make of them."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

import attrs

from aniworld_core.domain.identity import EpisodeRef, FolderName, SeriesKey
from aniworld_core.domain.media import Language, Quality
from aniworld_core.errors import EpisodeNotFoundError

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Titles:
    """The titles a catalogue knows, in its two languages."""

    de: str | None = None
    en: str | None = None

    def preferred(self, language: Language | None, number: int) -> str:
        """The German title when German is wanted, else the English, else any, else `Episode N`."""
        wants_german = language is not None and "deu" in (language.audio, language.subtitles)
        first, second = (self.de, self.en) if wants_german else (self.en, self.de)
        return first or second or f"Episode {number}"


@attrs.frozen(kw_only=True)
class Episode:
    """One episode of a series.

    Attributes:
        last_number: Last number of a double episode, else `None`.
        languages: Languages seen to exist; `None` means not known yet.
        available: False for an announced episode, which is never missing.
        downloaded: Whether the library holds a file of it.
        file: That file, relative to the library root with forward slashes.
        file_language: What the file holds, where known.
    """

    season: int
    number: int
    titles: Titles = Titles()
    last_number: int | None = None
    languages: frozenset[Language] | None = None
    available: bool = True
    downloaded: bool = False
    file: str | None = None
    file_language: Language | None = None

    @property
    def missing(self) -> bool:
        """Whether it could be had but is not in the library."""
        return self.available and not self.downloaded


def _place(episode: Episode) -> tuple[int, int]:
    return (episode.season, episode.number)


def _ordered(episodes: Sequence[Episode]) -> tuple[Episode, ...]:
    return tuple(sorted(episodes, key=_place))


@attrs.frozen(kw_only=True)
class Series:
    """A series with all its episodes.

    Attributes:
        site: The catalogue as people know it, such as `aniworld.to`.
        provider: Name of the loader that serves it.
        provider_ref: The loader's own name for it where the key is not enough, else empty.
        catalogue_key: The key its catalogue knows it by, when another site's series took it
            first; `None` when that is `key` itself.
        folder: Where it lives below the library root.
        folder_stamp: What the folder looked like at the last scan that found it in order;
            an unchanged stamp lets the next scan pass it over. `None` forces a look.
        languages: Wanted languages in order, or `None` for the global order.
        quality: Wanted quality, or `None` for the global one.
        episodes: Ordered by season and number.
    """

    key: SeriesKey
    name: str
    site: str
    provider: str
    folder: FolderName
    link: str
    provider_ref: str = ""
    catalogue_key: SeriesKey | None = None
    description: str = ""
    year: int | None = None
    end_year: int | None = None
    genres: tuple[str, ...] = ()
    alternative_titles: tuple[str, ...] = ()
    cover_url: str | None = None
    monitored: bool = True
    languages: tuple[Language, ...] | None = None
    quality: Quality | None = None
    folder_stamp: str | None = None
    added_at: datetime | None = None
    updated_at: datetime | None = None
    episodes: tuple[Episode, ...] = attrs.field(default=(), converter=_ordered)

    def ref(self, episode: Episode) -> EpisodeRef:
        """Name one of its episodes."""
        return EpisodeRef(self.key, episode.season, episode.number)

    def episode(self, season: int, number: int) -> Episode:
        """Find an episode; a double episode answers to each of its numbers.

        Raises:
            EpisodeNotFoundError: If there is none.
        """
        for episode in self.episodes:
            last = episode.last_number or episode.number
            if episode.season == season and episode.number <= number <= last:
                return episode
        raise EpisodeNotFoundError(self.key, EpisodeRef(self.key, season, number).code)

    def with_episode(self, changed: Episode) -> "Series":
        """Return the series with one episode replaced by its season and number."""
        return attrs.evolve(
            self,
            episodes=tuple(
                changed if (e.season, e.number) == (changed.season, changed.number) else e
                for e in self.episodes
            ),
        )


@attrs.frozen(kw_only=True)
class SeriesMatch:
    """One hit of a catalogue search."""

    key: SeriesKey
    name: str
    site: str
    provider: str
    link: str
    cover_url: str | None = None
    year: int | None = None
    description: str = ""


@attrs.frozen(kw_only=True)
class SeriesSummary:
    """A series in a list: counts and what is missing, without its episodes."""

    key: SeriesKey
    name: str
    site: str
    provider: str
    folder: FolderName
    link: str
    missing: Mapping[int, tuple[int, ...]]
    have: int
    total: int
    cover_url: str | None = None
    year: int | None = None
    monitored: bool = True
    added_at: datetime | None = None


class SeriesFilter(enum.StrEnum):
    """Which series a list shows."""

    ALL = "all"
    MISSING = "missing"
    COMPLETE = "complete"


class SeriesSort(enum.StrEnum):
    """In which order a list shows them; ties go by key."""

    NAME = "name"
    ADDED = "added"  #: newest first
    MISSING = "missing"  #: most missing first


@attrs.frozen(kw_only=True)
class SeriesQuery:
    """What a list of series is asked for.

    Attributes:
        search: Part of the name, ignoring case; no wildcards.
        limit: Most rows to return, or `None` for all.
    """

    filter: SeriesFilter = SeriesFilter.ALL
    search: str = ""
    sort: SeriesSort = SeriesSort.NAME
    limit: int | None = None
    offset: int = 0


@attrs.frozen
class Page(Generic[T]):
    """A part of a list, with how long the whole list is."""

    items: tuple[T, ...]
    total: int


def missing_episodes(series: Series) -> tuple[EpisodeRef, ...]:
    """Every episode that could be had but is not in the library, in order."""
    return tuple(series.ref(e) for e in series.episodes if e.missing)


def missing_by_season(episodes: Iterable[Episode]) -> dict[int, tuple[int, ...]]:
    """Group the numbers of the missing episodes by season, both ascending."""
    seasons: dict[int, list[int]] = {}
    for episode in sorted(episodes, key=_place):
        if episode.missing:
            seasons.setdefault(episode.season, []).append(episode.number)
    return {season: tuple(numbers) for season, numbers in seasons.items()}


def summarise(series: Series) -> SeriesSummary:
    """Count a series for a list."""
    counted = [e for e in series.episodes if e.available or e.downloaded]
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
        cover_url=series.cover_url,
        year=series.year,
        monitored=series.monitored,
        added_at=series.added_at,
    )


def merge_catalogue(stored: Series, fresh: Series) -> Series:
    """Bring catalogue news into a stored series without losing what the library knows.

    Identity, folder, wishes and download marks stay the stored ones. Languages once seen stay
    known when the fresh listing does not tell. An episode the catalogue no longer lists is
    kept when the library holds a file of it, else dropped.
    """
    known = {(e.season, e.number): e for e in stored.episodes}
    merged = [_merge_episode(known.pop((e.season, e.number), None), e) for e in fresh.episodes]
    merged += [e for e in known.values() if e.downloaded]
    return attrs.evolve(
        stored,
        name=fresh.name or stored.name,
        site=fresh.site or stored.site,
        link=fresh.link or stored.link,
        provider_ref=fresh.provider_ref or stored.provider_ref,
        description=fresh.description or stored.description,
        year=fresh.year or stored.year,
        end_year=fresh.end_year,
        genres=fresh.genres or stored.genres,
        alternative_titles=fresh.alternative_titles or stored.alternative_titles,
        cover_url=fresh.cover_url or stored.cover_url,
        episodes=tuple(merged),
    )


def _merge_episode(stored: Episode | None, fresh: Episode) -> Episode:
    if stored is None:
        return fresh
    return attrs.evolve(
        fresh,
        titles=Titles(
            de=fresh.titles.de or stored.titles.de, en=fresh.titles.en or stored.titles.en
        ),
        languages=stored.languages if fresh.languages is None else fresh.languages,
        downloaded=stored.downloaded,
        file=stored.file,
        file_language=stored.file_language,
    )
