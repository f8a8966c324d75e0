"""Series with their episodes, and what a new listing changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import attrs

from aniworld_core.domain.catalogue.episodes import Episode, Titles
from aniworld_core.domain.catalogue.list_rules import ListRules
from aniworld_core.domain.catalogue.story import SeasonPart
from aniworld_core.domain.identity import EpisodeRef, EpisodeSelection, FolderName, SeriesKey
from aniworld_core.domain.media import Language, Quality
from aniworld_core.errors import EpisodeNotFoundError


def _place(episode: Episode) -> tuple[int, int]:
    return (episode.season, episode.number)


def _ordered(episodes: Sequence[Episode]) -> tuple[Episode, ...]:
    return tuple(sorted(episodes, key=_place))


@attrs.frozen(kw_only=True)
class Series:
    """A series with all its episodes.

    Attributes:
        site: Public name of the catalogue, such as `aniworld.to`.
        provider: Name of its loader.
        provider_ref: The loader's own identifier if the key is not enough, otherwise empty.
        catalogue_key: Key in its catalogue if a series of another site has that key already;
            `None` if it equals `key`.
        folder: Folder below the library root; new seasons go there.
        other_folders: Stored paths of further folders that a person gave to the series.
        external_ids: Ids in databases, as in folder names: `tvdb-81189`, `imdb-tt2560140`.
        languages: Preferred languages in order, or `None` for the global order.
        quality: Preferred quality, or `None` for the global one.
        unwanted_seasons: Seasons whose new episodes are not wanted, ascending.
        parts: Sequels that are seasons of the series here, from a metadata source.
        list_rules: Filters and numbering; `None` if its catalogue is no list.
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
    other_folders: tuple[str, ...] = ()
    external_ids: tuple[str, ...] = ()
    cover_url: str | None = None
    monitored: bool = True
    languages: tuple[Language, ...] | None = None
    quality: Quality | None = None
    unwanted_seasons: tuple[int, ...] = ()
    parts: tuple[SeasonPart, ...] = ()
    list_rules: ListRules | None = None
    added_at: datetime | None = None
    updated_at: datetime | None = None
    episodes: tuple[Episode, ...] = attrs.field(default=(), converter=_ordered)

    def ref(self, episode: Episode) -> EpisodeRef:
        """Return the reference of one of its episodes."""
        return EpisodeRef(self.key, episode.season, episode.number)

    def episode(self, season: int, number: int) -> Episode:
        """Return an episode; a double episode is found by each of its numbers.

        Raises:
            EpisodeNotFoundError: If there is no such episode.
        """
        for episode in self.episodes:
            last = episode.last_number or episode.number
            if episode.season == season and episode.number <= number <= last:
                return episode
        raise EpisodeNotFoundError(self.key, EpisodeRef(self.key, season, number).code)

    def with_wanted(self, selections: Sequence[EpisodeSelection], *, wanted: bool) -> "Series":
        """Return the series with episodes or whole seasons wanted or not wanted.

        A whole season also decides about episodes that its catalogue lists later.

        Raises:
            EpisodeNotFoundError: If a selection names no episode of the series; `positions` holds
                the indexes of all such selections.
        """
        chosen = {(e.season, e.number) for e in select_episodes(self, selections)}
        whole = {s.season for s in selections if s.first is None or s.last is None}
        seasons = set(self.unwanted_seasons)
        seasons = seasons - whole if wanted else seasons | whole
        return attrs.evolve(
            self,
            unwanted_seasons=tuple(sorted(seasons)),
            episodes=tuple(
                attrs.evolve(e, wanted=wanted) if (e.season, e.number) in chosen else e
                for e in self.episodes
            ),
        )

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
    """One result of a catalogue search."""

    key: SeriesKey
    name: str
    site: str
    provider: str
    link: str
    cover_url: str | None = None
    year: int | None = None
    description: str = ""


def select_episodes(series: Series, selections: Sequence[EpisodeSelection]) -> tuple[Episode, ...]:
    """Return the episodes that selections name, each once, in order.

    Raises:
        EpisodeNotFoundError: If a selection names no episode of the series; `positions` holds the
            indexes of all such selections.
    """
    by_number: dict[tuple[int, int], Episode] = {}
    for episode in series.episodes:
        for number in range(episode.number, (episode.last_number or episode.number) + 1):
            by_number.setdefault((episode.season, number), episode)
    chosen: dict[tuple[int, int], Episode] = {}
    unknown: list[int] = []
    for index, selection in enumerate(selections):
        matched = list(_matching(selection, series, by_number))
        chosen |= {(e.season, e.number): e for e in matched}
        if not matched:
            unknown.append(index)
    if unknown:
        codes = ", ".join(str(selections[index]) for index in unknown)
        raise EpisodeNotFoundError(series.key, codes, positions=tuple(unknown))
    return tuple(chosen[place] for place in sorted(chosen))


def _matching(
    selection: EpisodeSelection, series: Series, by_number: Mapping[tuple[int, int], Episode]
) -> Iterator[Episode]:
    if selection.first is None or selection.last is None:
        yield from (e for e in series.episodes if e.season == selection.season)
        return
    for number in range(selection.first, selection.last + 1):
        if (episode := by_number.get((selection.season, number))) is not None:
            yield episode


def missing_episodes(series: Series) -> tuple[EpisodeRef, ...]:
    """Return the available episodes that are not in the library, in order."""
    return tuple(series.ref(e) for e in series.episodes if e.missing)


def missing_by_season(episodes: Iterable[Episode]) -> dict[int, tuple[int, ...]]:
    """Group the numbers of the missing episodes by season, both ascending."""
    seasons: dict[int, list[int]] = {}
    for episode in sorted(episodes, key=_place):
        if episode.missing:
            seasons.setdefault(episode.season, []).append(episode.number)
    return {season: tuple(numbers) for season, numbers in seasons.items()}


def merge_catalogue(stored: Series, fresh: Series) -> Series:
    """Merge a fresh catalogue listing into a stored series and keep the library's state.

    Identity, folder, preferences and download state keep their stored values. Known languages
    stay if the listing names none. An episode that is no longer listed stays only if the
    library has a file of it.
    """
    known = {(e.season, e.number): e for e in stored.episodes}
    merged = [
        _merge_episode(known.pop((e.season, e.number), None), e, stored.unwanted_seasons)
        for e in fresh.episodes
    ]
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
        external_ids=_merged_ids(stored.external_ids, fresh.external_ids),
        cover_url=fresh.cover_url or stored.cover_url,
        list_rules=stored.list_rules or fresh.list_rules,
        episodes=tuple(merged),
    )


def _merged_ids(stored: tuple[str, ...], fresh: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids of both; those of the catalogue replace stored ones of the same database."""
    replaced = {each.partition("-")[0] for each in fresh}
    return tuple(sorted({*fresh, *(i for i in stored if i.partition("-")[0] not in replaced)}))


def _merge_episode(
    stored: Episode | None, fresh: Episode, unwanted_seasons: Sequence[int]
) -> Episode:
    if stored is None:
        return attrs.evolve(fresh, wanted=fresh.season not in unwanted_seasons)
    return attrs.evolve(
        fresh,
        titles=Titles(
            de=fresh.titles.de or stored.titles.de, en=fresh.titles.en or stored.titles.en
        ),
        languages=stored.languages if fresh.languages is None else fresh.languages,
        wanted=stored.wanted,
        downloaded=stored.downloaded,
        file=stored.file,
        file_language=stored.file_language,
    )
