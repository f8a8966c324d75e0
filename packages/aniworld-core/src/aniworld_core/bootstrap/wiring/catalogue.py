"""Use cases of the room catalogue."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from aniworld_core.application import catalogue as use_cases
from aniworld_core.application import library
from aniworld_core.bootstrap.wiring.configuration import ConfigurationUseCases

if TYPE_CHECKING:
    from aniworld_core.domain.catalogue import Series


class CatalogueUseCases(ConfigurationUseCases):
    """Find and add series, show their covers, and rate the providers."""

    @cached_property
    def _facts(self) -> "use_cases.StoredFacts":
        return use_cases.StoredFacts(
            metadata=self.storage.metadata, versions=self.storage.versions, clock=self.clock
        )

    @cached_property
    def catalogue(self) -> "use_cases.Catalogue":
        """Search the catalogues; list and refresh the series of the library."""
        return use_cases.Catalogue(
            loaders=self._parts.loaders,
            series=self.storage.series,
            bus=self.bus,
            clock=self.clock,
            config=self.current_config,
            additions=self.series_addition,
            facts=self._facts,
        )

    @cached_property
    def series_addition(self) -> "use_cases.SeriesAddition":
        """Add series."""

        async def match_to_disk(series: "Series", *given: Any) -> "use_cases.Placement":
            series = await self._facts.applied_to(series)
            # Imported when a series is added: it reads file names.
            return await self.existing_folders.placed(series, *given)

        return use_cases.SeriesAddition(
            loaders=self._parts.loaders,
            series=self.storage.series,
            bus=self.bus,
            clock=self.clock,
            config=self.current_config,
            circuits=self.circuits,
            match_to_disk=match_to_disk,
        )

    @cached_property
    def existing_folders(self) -> "library.ExistingFolders":
        """Folders and episodes on disk of a series."""
        return library.ExistingFolders(
            series=self.storage.series, library=self.library, config=self.current_config
        )

    @cached_property
    def covers(self) -> "use_cases.Covers":
        """Covers of series."""
        return use_cases.Covers(
            source=self._parts.covers,
            series=self.storage.series,
            metadata=self.storage.metadata,
            loaders=self._parts.loaders,
        )

    @cached_property
    def circuits(self) -> "use_cases.CircuitBreakers":
        """The providers that are not asked for some time."""
        return use_cases.CircuitBreakers(clock=self.clock)

    @cached_property
    def scores(self) -> "use_cases.HosterScores":
        """How well the hosters deliver."""
        return use_cases.HosterScores(scores=self.storage.scores, clock=self.clock)

    @cached_property
    def providers(self) -> "use_cases.ProviderSurvey":
        """List and test the providers."""
        from aniworld_core.bootstrap.plugins import InstalledPlugins

        return use_cases.ProviderSurvey(
            loaders=self._parts.loaders,
            resolvers=self.resolvers,
            fetchers=self.fetchers,
            circuits=self.circuits,
            scores=self.scores,
            installed=InstalledPlugins(),
        )
