"""List the sources of an episode in order, and record how each attempt ended."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import attrs

from aniworld_core.application.catalogue import CircuitBreakers, HosterScores, Loaders, place_of
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.downloads.stream_fetch import AFFECTS_ALL_SOURCES
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import DownloadItem, rank_sources, wanted_languages
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.domain.media import Language, MediaSource
from aniworld_core.errors import (
    AniworldError,
    CatalogueRestsError,
    NotYetAvailableError,
    UnavailableError,
)
from aniworld_core.ports.loader import ListLoader
from aniworld_core.ports.series import SeriesRepository


@attrs.define(eq=False, kw_only=True)
class EpisodeSources:
    """Sources of queue items, ordered by language and hoster scores."""

    _loaders: Loaders
    _series: SeriesRepository
    _config: CurrentConfig
    _circuits: CircuitBreakers
    _scores: HosterScores

    def languages(self, item: DownloadItem, series: Series) -> tuple[Language, ...]:
        """Return the wanted languages of an item, in order."""
        return wanted_languages(
            item.languages, series.languages, self._config.value.languages.order
        )

    async def find(self, item: DownloadItem, series: Series) -> Sequence[MediaSource]:
        """Return the sources of an item in the order in which they are tried.

        The best language comes first; within a language, the hoster with the best score.

        Raises:
            NotYetAvailableError: If no source offers a wanted language.
            CatalogueRestsError: If the catalogue is not asked for a while, because its circuit
                breaker is open or because it asked for a pause.
            What `Loader.get_sources` raises.
        """
        wanted = self.languages(item, series)
        loader = self._loaders.named(series.provider)
        ref = _in_catalogue(item, series)
        found: list[MediaSource] = []
        config, is_any = self._config.value, loader.is_fallback
        place = place_of(config, series.provider, series.link, has_any_site=is_any)
        try:
            with self.circuit(place):
                for language in wanted:
                    offered = await loader.get_sources(
                        ref, language, series.provider_ref or series.link
                    )
                    found += [source for source in offered if source not in found]
        except UnavailableError as error:
            if error.retry_after is None:
                raise
            causes = [failure.to_message() for failure in self._circuits.last_failures(place)]
            reason = causes[0] if causes else error.message
            raise CatalogueRestsError(
                place,
                reason,
                retry_after=error.retry_after,
                has_open_circuit=place in self._circuits.open_circuits(),
            ) from error
        ranked = rank_sources(found, wanted)
        if not ranked:
            known = series.episode(ref.season, ref.number).languages or ()
            raise NotYetAvailableError(
                str(item.episode), [w.code for w in wanted], sorted(k.code for k in known)
            )
        return await self._scores.order(ranked, wanted)

    async def refused(self, item: DownloadItem, series: Series, error: AniworldError) -> None:
        """Store that an episode is not available if its catalogue concludes that from an error."""
        loader = self._loaders.named(series.provider)
        if not isinstance(loader, ListLoader):
            return
        reason = await loader.note_refusal(_in_catalogue(item, series), error)
        if reason is None:
            return
        episode = series.episode(item.episode.season, item.episode.number)
        shut = attrs.evolve(episode, available=False, unavailable=reason)
        rest = (each if each != episode else shut for each in series.episodes)
        await self._series.save_many([(series, attrs.evolve(series, episodes=tuple(rest)))])

    @contextmanager
    def circuit(self, place: str) -> Iterator[None]:
        """Run the body if the circuit breaker of *place* is closed; record how it ended.

        Errors that every source would meet are not recorded.

        Raises:
            ProviderUnavailableError: With the time left, if the circuit breaker is open.
        """
        self._circuits.require(place)
        try:
            yield
        except AFFECTS_ALL_SOURCES:
            raise
        except AniworldError as error:
            self._circuits.note(place, error)
            raise
        self._circuits.note(place, None)

    async def failed(self, source: MediaSource, error: AniworldError) -> None:
        """Lower the score of the source's hoster, if the error counts against it."""
        await self._scores.failed(source, error)

    async def succeeded(self, source: MediaSource, rate: float) -> None:
        """Raise the score of the source's hoster; *rate* is in bytes per second."""
        await self._scores.succeeded(source, rate)


def _in_catalogue(item: DownloadItem, series: Series) -> EpisodeRef:
    """Return the episode of an item with the key that its catalogue uses."""
    return EpisodeRef(series.catalogue_key or series.key, item.episode.season, item.episode.number)
