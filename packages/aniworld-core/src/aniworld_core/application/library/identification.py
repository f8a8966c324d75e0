"""Identify series in metadata sources, and use the facts of their entries."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

import attrs

from aniworld_core.application.catalogue import ErrorView, wire_time
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.catalogue import (
    PREQUEL,
    SEQUEL,
    MetadataEntry,
    RelatedEntry,
    Series,
    SeriesMetadata,
    SeriesQuery,
    following,
    has_unclear_start,
    with_metadata,
    without_metadata,
    without_unaired,
)
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library import (
    EntryCandidate,
    is_doubted,
    rank_entries,
    split_title,
    sure_entry,
)
from aniworld_core.errors import (
    AniworldError,
    MetadataNotFoundError,
    ProviderUnavailableError,
    SeriesNotFoundError,
    UnavailableError,
    UnknownProviderError,
)
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.metadata import MetadataRepository, MetadataSource
from aniworld_core.ports.series import SeriesRepository

T = TypeVar("T")

#: Longest wait for a rate limit; a longer one ends the request with an error.
_LONGEST_WAIT: Final = timedelta(minutes=2)
#: Most candidates of one source.
_CANDIDATES: Final = 10
#: Most sequels and most prequels of a series that are followed.
_FOLLOWED: Final = 12
#: Most waits for the rate limit during one request.
_WAITS: Final = 3


@attrs.frozen(kw_only=True)
class SourceResult:
    """The result of one source for a series.

    Attributes:
        source: Name of the source.
        metadata: Entry of the series; `None` if none is sure.
        candidates: Possible entries, best first, if none is sure.
        error: Error of the source, if it failed.
    """

    source: str
    metadata: SeriesMetadata | None = None
    candidates: tuple[EntryCandidate, ...] = ()
    error: AniworldError | None = None


@attrs.define(eq=False, kw_only=True)
class Identification:
    """Find the entries of series, and store them."""

    _sources: Sequence[MetadataSource]
    _metadata: MetadataRepository
    _series: SeriesRepository
    _config: CurrentConfig
    _clock: Clock

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the names of the enabled sources."""
        return tuple(source.name for source in self._enabled())

    async def identify(self, key: SeriesKey) -> Sequence[SourceResult]:
        """Identify a series in every enabled source, or update its entries.

        A known entry is read again. Otherwise the ids of the series decide, then title, year and
        number of episodes. Nothing is stored from a source in which no entry is sure. If a source
        fails, its stored entry stays in use.

        Raises:
            SeriesNotFoundError: If there is no such series.
        """
        return await self._asked(key, self._enabled())

    async def identify_all(
        self, *, max_age: timedelta
    ) -> AsyncIterator[tuple[SeriesKey, Sequence[SourceResult]]]:
        """Identify every series of the library, and yield the results of each.

        A source is not asked about a series whose entry of it is younger than *max_age*, so an
        ended run continues with the series that are left. A source that does not answer, or asks
        for a long pause, is left out of the rest of the run.
        """
        keys = [s.key for s in (await self._series.summaries(SeriesQuery())).items]
        stored = await self._metadata.of_many(keys)
        oldest = self._clock.now() - max_age
        silent: set[str] = set()
        for key in keys:
            fresh = {m.entry.source for m in stored.get(key, ()) if m.entry.fetched_at > oldest}
            due = [s for s in self._enabled() if s.name not in fresh | silent]
            if not due:
                continue
            try:
                results = await self._asked(key, due)
            except SeriesNotFoundError:
                continue  # removed since the run began
            silent |= {r.source for r in results if isinstance(r.error, UnavailableError)}
            yield key, results

    async def _asked(
        self, key: SeriesKey, sources: Sequence[MetadataSource]
    ) -> Sequence[SourceResult]:
        known = {m.entry.source: m for m in await self._metadata.of_series(key)}
        results = []
        for source in sources:
            # Read again each time: an entry of one source has ids for the next.
            series = await self._series.get(key)
            try:
                result = await self._identified(source, series, known.get(source.name))
            except AniworldError as error:
                result = SourceResult(
                    source=source.name, metadata=known.get(source.name), error=error
                )
            # Most series have no files of a local source, which is not worth a line.
            if not source.is_local or _state(result) != "not_found":
                results.append(result)
        return results

    async def known(self, key: SeriesKey) -> Sequence[SourceResult]:
        """Return the stored entries of a series, without any request to a source.

        Raises:
            SeriesNotFoundError: If there is no such series.
        """
        await self._series.get(key)
        stored = {m.entry.source: m for m in await self._metadata.of_series(key)}
        names = dict.fromkeys((*self.sources, *stored))
        return [SourceResult(source=name, metadata=stored.get(name)) for name in names]

    async def candidates(self, key: SeriesKey) -> Sequence[SourceResult]:
        """Search every enabled source for possible entries, best first; nothing is stored.

        Raises:
            SeriesNotFoundError: If there is no such series.
        """
        series = await self._series.get(key)
        stored = {m.entry.source: m for m in await self._metadata.of_series(key)}
        results = []
        for source in self._enabled():
            result = SourceResult(source=source.name, metadata=stored.get(source.name))
            try:
                hits = await self._hits(source, series)
                ranked = rank_entries(series, hits)[:_CANDIDATES]
                results.append(attrs.evolve(result, candidates=ranked))
            except AniworldError as error:
                results.append(attrs.evolve(result, error=error))
        return results

    async def forget(self, key: SeriesKey, source_name: str) -> None:
        """Delete the entry of a series in a source, and the ids and aliases that it gave.

        Raises:
            SeriesNotFoundError: If there is no such series.
        """
        series = await self._series.get(key)
        for metadata in await self._metadata.of_series(key):
            if metadata.entry.source == source_name:
                await self._metadata.forget(key, source_name)
                changed = without_metadata(series, metadata.entry)
                if changed != series:
                    await self._series.save(attrs.evolve(changed, updated_at=self._clock.now()))

    async def choose(self, key: SeriesKey, source_name: str, entry_id: str) -> SourceResult:
        """Make an entry that of a series.

        Raises:
            SeriesNotFoundError: If there is no such series.
            UnknownProviderError: If there is no such enabled source.
            MetadataNotFoundError: If the source has no such entry.
            AniworldError: The error of the source.
        """
        series = await self._series.get(key)
        for source in self._enabled():
            if source.name == source_name:
                stored = await self._metadata.of_series(key)
                known = next((m for m in stored if m.entry.source == source_name), None)
                entry = await self._patiently(partial(source.get, entry_id))
                return await self._stored(source, series, entry, known, chosen=True)
        raise UnknownProviderError(source_name, self.sources)

    async def _identified(
        self, source: MetadataSource, series: Series, known: SeriesMetadata | None
    ) -> SourceResult:
        if known is not None:
            try:
                entry = await self._patiently(partial(source.get, known.entry.id))
                return await self._stored(source, series, entry, known, chosen=known.chosen)
            except MetadataNotFoundError:
                if known.chosen:
                    raise
        ids = dict(each.partition("-")[::2] for each in series.external_ids)
        found = await self._patiently(partial(source.find, ids))
        if found is not None and not is_doubted(series, found):
            return await self._stored(source, series, found, known, chosen=False)
        hits = [] if found is None else [found]
        for title in _titles(series):
            hits += await self._patiently(partial(source.search, title))
            if (sure := sure_entry(rank_entries(series, hits))) is not None:
                entry = await self._patiently(partial(source.get, sure.id))
                return await self._stored(source, series, entry, known, chosen=False)
        return SourceResult(source=source.name, candidates=rank_entries(series, hits)[:_CANDIDATES])

    async def _hits(self, source: MetadataSource, series: Series) -> Sequence[MetadataEntry]:
        """Return what the source finds by the titles of a series."""
        hits: list[MetadataEntry] = []
        for title in _titles(series):
            hits += await self._patiently(partial(source.search, title))
        return hits

    async def _stored(
        self,
        source: MetadataSource,
        series: Series,
        entry: MetadataEntry,
        known: SeriesMetadata | None,
        *,
        chosen: bool,
    ) -> SourceResult:
        """Store the entry of a series, and the facts that the series takes from it."""
        entry = await self._with_story(source, entry, known)
        metadata = SeriesMetadata(key=series.key, entry=entry, chosen=chosen)
        await self._metadata.save(metadata)
        # Read again: a scan may have changed the series while the source answered.
        current = await self._series.get(series.key)
        changed = with_metadata(current, entry, previous=known.entry if known else None)
        entries = [m.entry for m in await self._metadata.of_series(series.key)]
        changed = without_unaired(changed, entries, self._clock.now())
        if changed != current:
            await self._series.save(attrs.evolve(changed, updated_at=self._clock.now()))
        return SourceResult(source=entry.source, metadata=metadata)

    async def _with_story(
        self, source: MetadataSource, entry: MetadataEntry, known: SeriesMetadata | None
    ) -> MetadataEntry:
        """Return an entry with those before and after it; the stored ones if the source fails."""
        if has_unclear_start(entry.related):
            return entry
        before: list[RelatedEntry] = []
        after: list[RelatedEntry] = []
        try:
            if not await self._follow(source, entry, PREQUEL, before):
                return entry
            await self._follow(source, entry, SEQUEL, after)
        except AniworldError:
            is_same = known is not None and known.entry.id == entry.id
            story = known.entry.story if known is not None and is_same else ()
            return attrs.evolve(entry, story=story)
        if not before and not after:
            return entry
        return attrs.evolve(entry, story=(*reversed(before), entry.as_related, *after))

    async def _follow(
        self,
        source: MetadataSource,
        entry: MetadataEntry,
        relation: str,
        found: list[RelatedEntry],
    ) -> bool:
        """Collect the entries in one direction; return whether the end was reached."""
        seen = {entry.id}
        while (next_one := following(entry.related, relation)) is not None:
            if next_one.id in seen or len(found) == _FOLLOWED:
                return False
            seen.add(next_one.id)
            entry = await self._patiently(partial(source.get, next_one.id))
            found.append(attrs.evolve(entry.as_related, relation=relation))
        return not (relation == PREQUEL and has_unclear_start(entry.related))

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Return an answer; wait for the rate limit of the source as it states."""
        for _ in range(_WAITS):
            try:
                return await ask()
            except ProviderUnavailableError as error:
                wait = error.retry_after
                if wait is None or wait > _LONGEST_WAIT:
                    raise
                await self._clock.sleep(wait)
        return await ask()

    def _enabled(self) -> Sequence[MetadataSource]:
        config = self._config.value
        enabled = [s for s in self._sources if config.provider(s.name).enabled is not False]
        return sorted(enabled, key=lambda source: not source.is_local)


def _titles(series: Series) -> Sequence[str]:
    """Return the titles to search for."""
    name, others = split_title(series.name, series.year)[0], series.alternative_titles[:2]
    return tuple(dict.fromkeys((name, *others)))


@attrs.frozen(kw_only=True)
class EntryView:
    """An entry of a metadata source, with its score if a person has to decide."""

    id: str
    title: str
    titles: tuple[str, ...]
    year: int | None
    kind: str
    status: str
    episode_count: int | None
    link: str
    poster_url: str | None
    banner_url: str | None
    external_ids: tuple[str, ...]
    next_episode: int | None
    next_airing: str | None
    fetched_at: str | None
    score: int | None
    chosen: bool

    @classmethod
    def of(
        cls, entry: MetadataEntry, now: datetime, *, score: int | None = None, chosen: bool = False
    ) -> "EntryView":
        """Return the view of an entry."""
        following = entry.next_airing(now)
        return cls(
            id=entry.code,
            title=entry.title,
            titles=entry.all_titles,
            year=entry.year,
            kind=entry.kind,
            status=entry.status,
            episode_count=entry.episode_count,
            link=entry.link,
            poster_url=entry.poster_url,
            banner_url=entry.banner_url,
            external_ids=entry.external_ids,
            next_episode=following.number if following else None,
            next_airing=wire_time(following.at) if following else None,
            fetched_at=wire_time(entry.fetched_at),
            score=score,
            chosen=chosen,
        )


@attrs.frozen(kw_only=True)
class SourceResultView:
    """The result of one source for a series.

    Attributes:
        state: `identified`, `unsure` (with candidates), `not_found` or `failed`.
    """

    key: str
    source: str
    state: str
    entry: EntryView | None
    candidates: tuple[EntryView, ...]
    error: ErrorView | None

    @classmethod
    def of(cls, key: SeriesKey, result: SourceResult, now: datetime) -> "SourceResultView":
        """Return the view of a result; a failed source keeps its stored entry."""
        found = result.metadata
        return cls(
            key=key,
            source=result.source,
            state=_state(result),
            entry=EntryView.of(found.entry, now, chosen=found.chosen) if found else None,
            candidates=tuple(EntryView.of(c.entry, now, score=c.score) for c in result.candidates),
            error=None if result.error is None else ErrorView.of(result.error),
        )


def _state(result: SourceResult) -> str:
    if result.error is not None or result.metadata is not None:
        return "identified" if result.error is None else "failed"
    return "unsure" if result.candidates else "not_found"
