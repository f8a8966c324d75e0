"""Series in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import anyio.lowlevel
import attrs

from aniworld_core.domain.catalogue import (
    Page,
    Series,
    SeriesFilter,
    SeriesQuery,
    SeriesSort,
    SeriesSummary,
    SeriesTotals,
    first_of_letters,
    missing_episodes,
    search_text,
    search_words,
    sort_name,
    summarise,
)
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.library import is_in_root
from aniworld_core.domain.media import Language
from aniworld_core.errors import SeriesExistsError, SeriesNotFoundError
from aniworld_core.ports.series import SeriesRepository

#: Sorts series without a date behind all others.
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@attrs.define(eq=False)
class MemorySeriesRepository(SeriesRepository):
    """Series in a dict."""

    _series: dict[SeriesKey, Series] = attrs.field(factory=dict, init=False)
    _removed: dict[SeriesKey, Series] = attrs.field(factory=dict, init=False)
    _changes: int = attrs.field(default=0, init=False)

    async def add(self, series: Series) -> None:
        await anyio.lowlevel.checkpoint()
        if series.key in self._series:
            raise SeriesExistsError(series.key)
        self._series[series.key] = series
        self._changes += 1

    async def get(self, key: SeriesKey) -> Series:
        await anyio.lowlevel.checkpoint()
        return self._stored(key)

    async def find(self, *, missing_only: bool = False) -> Sequence[Series]:
        await anyio.lowlevel.checkpoint()
        found = (s for s in self._series.values() if not missing_only or missing_episodes(s))
        return tuple(sorted(found, key=_by_name))

    async def get_many(self, keys: Collection[SeriesKey]) -> Sequence[Series]:
        return tuple(series for series in await self.find() if series.key in set(keys))

    async def heads(self) -> Sequence[Series]:
        return tuple(attrs.evolve(series, episodes=()) for series in await self.find())

    async def file_counts(self, roots: Collection[str]) -> Mapping[str, int]:
        await anyio.lowlevel.checkpoint()
        episodes = (e for series in self._series.values() for e in series.episodes)
        files = [e.file for e in episodes if e.downloaded and e.file]
        return {root: sum(is_in_root(file, root) for file in files) for root in roots}

    async def files_of(self, keys: Collection[SeriesKey]) -> Mapping[SeriesKey, Sequence[str]]:
        await anyio.lowlevel.checkpoint()
        found = {
            key: sorted({e.file for e in self._series[key].episodes if e.downloaded and e.file})
            for key in keys
            if key in self._series
        }
        return {key: files for key, files in found.items() if files}

    async def missing_count(self) -> int:
        await anyio.lowlevel.checkpoint()
        return sum(len(missing_episodes(series)) for series in self._series.values())

    async def summaries(self, query: SeriesQuery) -> Page[SeriesSummary]:
        await anyio.lowlevel.checkpoint()
        found = self._matching(query)
        match query.sort:
            case SeriesSort.NAME:
                found.sort(key=_by_name)
            case SeriesSort.ADDED:
                found.sort(key=lambda s: s.added_at or _BEFORE_ALL, reverse=True)
            case SeriesSort.MISSING:
                found.sort(key=lambda s: -sum(map(len, s.missing.values())))
        end = None if query.limit is None else query.offset + query.limit
        return Page(tuple(found[query.offset : end]), len(found))

    async def matching(self, query: SeriesQuery) -> Sequence[SeriesKey]:
        await anyio.lowlevel.checkpoint()
        return tuple(summary.key for summary in sorted(self._matching(query), key=_by_name))

    async def totals(self, query: SeriesQuery) -> SeriesTotals:
        await anyio.lowlevel.checkpoint()
        found = sorted(self._matching(query), key=_by_name)
        missing = [sum(map(len, s.missing.values())) for s in found]
        return SeriesTotals(
            series=len(found),
            incomplete=sum(map(bool, missing)),
            have=sum(s.have for s in found),
            total=sum(s.total for s in found),
            missing=sum(missing),
            announced=sum(s.announced for s in found),
            letters=first_of_letters((sort_name(s.name)[:1], 1) for s in found),
        )

    def _matching(self, query: SeriesQuery) -> list[SeriesSummary]:
        """Return the summaries of a query in the order of their keys."""
        words = search_words(query.search)
        found = [
            summarise(series)
            for series in sorted(self._series.values(), key=lambda s: s.key)
            if all(word in search_text(series.name, series.alternative_titles) for word in words)
        ]
        match query.filter:
            case SeriesFilter.ALL:
                return found
            case SeriesFilter.MISSING | SeriesFilter.COMPLETE:
                wants_missing = query.filter is SeriesFilter.MISSING
                return [s for s in found if bool(s.missing) is wants_missing]
            case SeriesFilter.MONITORED | SeriesFilter.UNMONITORED:
                wants_monitored = query.filter is SeriesFilter.MONITORED
                return [s for s in found if s.monitored is wants_monitored]

    async def revision(self) -> str:
        await anyio.lowlevel.checkpoint()
        return str(self._changes)

    async def save(self, series: Series) -> None:
        await anyio.lowlevel.checkpoint()
        self._stored(series.key)
        self._series[series.key] = series
        self._changes += 1

    async def save_many(self, changes: Collection[tuple[Series, Series]]) -> None:
        await anyio.lowlevel.checkpoint()
        for before, after in changes:
            if after.key in self._series and before != after:
                self._series[after.key] = _with_changes(self._series[after.key], before, after)
                self._changes += 1

    async def mark_downloaded(
        self, episode: EpisodeRef, file: str, language: Language | None
    ) -> None:
        await anyio.lowlevel.checkpoint()
        series = self._stored(episode.series_key)
        held = attrs.evolve(
            series.episode(episode.season, episode.number),
            downloaded=True,
            file=file,
            file_language=language,
        )
        self._series[series.key] = series.with_episode(held)
        self._changes += 1

    async def remove(self, key: SeriesKey) -> None:
        await anyio.lowlevel.checkpoint()
        self._removed[key] = self._stored(key)
        del self._series[key]
        self._changes += 1

    async def restore(self, key: SeriesKey) -> None:
        await anyio.lowlevel.checkpoint()
        if key in self._series:
            return
        if key not in self._removed:
            raise SeriesNotFoundError(key)
        self._series[key] = self._removed.pop(key)
        self._changes += 1

    def stored(self, key: SeriesKey) -> Series | None:
        """Return the series at once, or `None`; for the queue repository beside it."""
        return self._series.get(key)

    def _stored(self, key: SeriesKey) -> Series:
        try:
            return self._series[key]
        except KeyError:
            raise SeriesNotFoundError(key) from None


def _by_name(series: Series | SeriesSummary) -> tuple[str, str]:
    return (sort_name(series.name), series.key)


def _with_changes(stored: Series, before: Series, after: Series) -> Series:
    """Return the stored series with the differences between two versions."""
    names = [field.name for field in attrs.fields(Series) if field.name != "episodes"]
    changed = {n: getattr(after, n) for n in names if getattr(after, n) != getattr(before, n)}
    old = {(e.season, e.number): e for e in before.episodes}
    new = {(e.season, e.number): e for e in after.episodes}
    episodes = {(e.season, e.number): e for e in stored.episodes}
    for place in old.keys() - new.keys():
        episodes.pop(place, None)
    episodes |= {place: e for place, e in new.items() if old.get(place) != e}
    return attrs.evolve(stored, **changed, episodes=tuple(episodes.values()))
