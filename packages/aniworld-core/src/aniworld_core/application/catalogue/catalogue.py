"""Search catalogues, and add, list and refresh series of the library."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Final

import attrs

from aniworld_core.application.catalogue.circuit_breakers import place_of
from aniworld_core.application.catalogue.fan_out import query_all
from aniworld_core.application.catalogue.loaders import Loaders
from aniworld_core.application.catalogue.series_addition import (
    SeriesAddition,
    places,
    require_lists,
)
from aniworld_core.application.catalogue.stored_facts import StoredFacts
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.catalogue import (
    BrowseEntry,
    BrowseListName,
    ListPreview,
    ListRules,
    Page,
    Series,
    SeriesMatch,
    SeriesQuery,
    SeriesSummary,
    arranged,
    merge_catalogue,
)
from aniworld_core.domain.identity import EpisodeRef, SeriesKey, parse_series_key
from aniworld_core.errors import (
    AniworldError,
    BrowseListNotFoundError,
    SeriesMovedError,
    SeriesNotFoundError,
    UsageError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.series import SeriesRepository

#: Most similar keys that an error names.
_CLOSE_KEYS: Final = 5


@attrs.define(eq=False, kw_only=True)
class Catalogue:
    """Search catalogues and manage the series added from them."""

    _loaders: Loaders
    _series: SeriesRepository
    _bus: ProgressBus
    _clock: Clock
    _config: CurrentConfig
    _additions: SeriesAddition
    _facts: StoredFacts

    @property
    def loaders(self) -> Loaders:
        """Return the enabled catalogues."""
        return self._loaders

    async def search(
        self,
        query: str,
        *,
        provider: str | None = None,
        on_failure: Callable[[str, AniworldError], None] | None = None,
    ) -> Sequence[SeriesMatch]:
        """Query all catalogues concurrently; results are in the configured order of catalogues.

        Args:
            query: Search text.
            provider: Query only this catalogue.
            on_failure: Called with the name and error of each catalogue that fails.

        Raises:
            AniworldError: The error of the first catalogue that failed, if nothing was found and
                every catalogue that can search failed.
        """
        asked = [self._loaders.named(provider)] if provider else list(self._loaders)
        return await query_all(
            asked,
            lambda loader: loader.search(query),
            circuits=self._additions.circuits,
            on_failure=on_failure,
            counts=lambda loader: loader.can_search,
        )

    async def browse(
        self,
        browse_list: BrowseListName,
        *,
        provider: str | None = None,
        on_failure: Callable[[str, AniworldError], None] | None = None,
    ) -> Sequence[BrowseEntry]:
        """Query every catalogue that has the browse list.

        Args:
            browse_list: The list to query.
            provider: Query only this catalogue.
            on_failure: Called with the name and error of each catalogue that fails.

        Raises:
            UnknownProviderError: If *provider* is not installed or not enabled.
            BrowseListNotFoundError: If no queried catalogue has the list.
            AniworldError: The error of the first catalogue, if all of them fail.
        """
        named = [self._loaders.named(provider)] if provider else list(self._loaders)
        asked = [loader for loader in named if browse_list in loader.browse_lists]
        if not asked:
            raise BrowseListNotFoundError(provider or places(named), browse_list)
        entries = await query_all(
            asked,
            lambda loader: loader.browse(browse_list),
            circuits=self._additions.circuits,
            on_failure=on_failure,
        )
        return arranged(browse_list, entries)

    async def add(
        self,
        link_or_key: str,
        *,
        provider: str | None = None,
        name: str | None = None,
        follow: bool = False,
    ) -> Series:
        """Add a series to the library, or return the existing one.

        See `SeriesAddition.add` for the arguments and errors.
        """
        addition = await self._additions.add(
            link_or_key, provider=provider, name=name, follow=follow
        )
        return addition.series

    async def preview(self, link_or_key: str, rules: ListRules, *, limit: int = 20) -> ListPreview:
        """Return what rules would take from a list, without adding or changing a series.

        Args:
            link_or_key: Link of a list, or key of a series of the library.
            rules: The rules.
            limit: Most entries to return.

        Raises:
            SeriesNotFoundError: If there is no such series or list.
            NoListError: If its catalogue has no lists.
            AniworldError: The error of the catalogue.
        """
        text = link_or_key.strip()
        if "/" in text:
            loader, link = await self._loaders.owner_of(text), text
        else:
            series = await self._series.get(parse_series_key(text))
            loader, link = self._loaders.named(series.provider), series.link
        lists = require_lists(loader)
        place = place_of(self._config.value, loader.name, link, has_any_site=loader.is_fallback)
        with self._additions.circuits.attempt(place):
            return await lists.preview(link, rules, limit=limit)

    async def set_rules(self, stored: Series, rules: ListRules) -> Series:
        """Store the rules of a series and the episodes that they take; no request is sent.

        Episodes in the library stay, whatever the rules are.

        Raises:
            NoListError: If its catalogue has no lists.
        """
        lists = require_lists(self._loaders.named(stored.provider))
        ruled = attrs.evolve(stored, list_rules=rules)
        fresh = await lists.choose(attrs.evolve(ruled, key=stored.catalogue_key or stored.key))
        merged = await self._facts.applied_to(merge_catalogue(ruled, fresh))
        if merged != stored:
            merged = attrs.evolve(merged, updated_at=self._clock.now())
            await self._series.save_many([(stored, merged)])
        return merged

    async def get(self, key: SeriesKey) -> Series:
        """Return a series of the library.

        Raises:
            SeriesNotFoundError: If there is no such series.
        """
        return await self._series.get(key)

    async def list(self, query: SeriesQuery | None = None) -> Page[SeriesSummary]:
        """Return a page of the library's series with counts and without episodes."""
        return await self._series.summaries(query or SeriesQuery())

    async def key_of(self, name: str) -> SeriesKey:
        """Return the key that a person means: a whole key, or the start of only one.

        Raises:
            InvalidSeriesKeyError: If it is no key at all.
            SeriesNotFoundError: If no key starts so; similar keys are named.
            UsageError: If several keys start so.
        """
        key = parse_series_key(name)
        keys = (await self._series.folders()).keys()
        if key in keys:
            return key
        found = sorted(each for each in keys if each.startswith(key))
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(found[:_CLOSE_KEYS])
            raise UsageError(Message("ambiguous_key", key=key, names=names))
        close = get_close_matches(key, keys, _CLOSE_KEYS)
        raise SeriesNotFoundError(key, close=close)

    async def revision(self) -> str:
        """Return a value that changes whenever the result of `list` may change."""
        return await self._series.revision()

    def place_of(self, series: Series) -> str:
        """Return the name of the circuit of a series."""
        loader = self._loaders.by_name.get(series.provider)
        is_any = loader is not None and loader.is_fallback
        return place_of(self._config.value, series.provider, series.link, has_any_site=is_any)

    async def is_resting(self, stored: Series) -> bool:
        """Return whether nothing new is expected of a series whose listing was read lately."""
        return await self._facts.is_resting(stored)

    async def refresh(self, stored: Series) -> Series:
        """Update a series of the library from its catalogue.

        Raises:
            SeriesMovedError: If the site redirects to another key.
            AniworldError: The error of the catalogue; nothing is changed.
        """
        asked = stored.catalogue_key or stored.key
        loader = self._loaders.named(stored.provider)
        with self._additions.circuits.attempt(self.place_of(stored)):
            fresh = await loader.refresh(attrs.evolve(stored, key=asked))
        if fresh.key != asked:
            raise SeriesMovedError(asked, fresh.key, fresh.link)
        merged = await self._facts.applied_to(merge_catalogue(stored, fresh))
        known = {(e.season, e.number) for e in stored.episodes}
        found = [e for e in merged.episodes if (e.season, e.number) not in known]
        await self._facts.note_listing(stored, merged)
        if merged != stored:
            merged = attrs.evolve(merged, updated_at=self._clock.now())
            # Only the differences: the files may have changed while the catalogue answered.
            await self._series.save_many([(stored, merged)])
        if found:
            # Imported here, because most commands publish nothing.
            from aniworld_core.events import EpisodesFound

            codes = tuple(EpisodeRef(merged.key, e.season, e.number).code for e in found)
            await self._bus.publish(
                EpisodesFound(
                    key=merged.key, folder=merged.folder, codes=codes, at=self._clock.now()
                )
            )
        return merged
