"""What all rooms share: opened adapters, configuration, access to the database."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from aniworld_core.application import configuration as use_cases
from aniworld_core.bootstrap.adapters import default_user_agent

if TYPE_CHECKING:
    from aniworld_core.application.storage_outage import StorageOutage
    from aniworld_core.bootstrap.parts import Parts
    from aniworld_core.bootstrap.settings import Settings
    from aniworld_core.ports.bus import ProgressBus
    from aniworld_core.ports.clock import Clock
    from aniworld_core.ports.fetcher import MediaFetcher
    from aniworld_core.ports.inspector import MediaInspector
    from aniworld_core.ports.library import MediaLibrary
    from aniworld_core.ports.resolver import StreamResolver
    from aniworld_core.ports.storage import Storage


# Not slotted: `cached_property` stores what it builds in the dictionary of the object.
@attrs.frozen(slots=False, eq=False, repr=False)
class ConfigurationUseCases:
    """Use cases of the adapters, the configuration and the database as a whole."""

    _parts: "Parts"

    @property
    def settings(self) -> "Settings":
        """The settings that the application was opened with."""
        return self._parts.settings

    @property
    def storage(self) -> "Storage":
        """The database."""
        return self._parts.storage

    @property
    def bus(self) -> "ProgressBus":
        """Where events are published."""
        return self._parts.bus

    @property
    def clock(self) -> "Clock":
        """The clock of all use cases."""
        return self._parts.clock

    @property
    def resolvers(self) -> "Sequence[StreamResolver]":
        """The opened resolvers."""
        return self._parts.resolvers

    @property
    def fetchers(self) -> "Sequence[MediaFetcher]":
        """The opened fetchers."""
        return self._parts.fetchers

    @property
    def inspector(self) -> "MediaInspector":
        """The inspector of media files."""
        return self._parts.inspector

    @property
    def user_agent(self) -> str:
        """The user agent of requests if the configuration names none."""
        return default_user_agent()

    @property
    def current_config(self) -> "use_cases.CurrentConfig":
        """The configuration in force."""
        return self._parts.current

    @cached_property
    def library(self) -> "MediaLibrary":
        """The folders of the library."""
        from aniworld_core.adapters.library import ConfiguredLibrary

        given = self._parts.library
        return given or ConfiguredLibrary(self.current_config, self.settings.anime_directory)

    @cached_property
    def outage(self) -> "StorageOutage":
        """Whether the database can be used now."""
        from aniworld_core.application.storage_outage import StorageOutage

        return StorageOutage()

    @cached_property
    def config(self) -> "use_cases.ConfigEditor":
        """Show and change the configuration."""
        from aniworld_core.adapters.library import folder_problem
        from aniworld_core.bootstrap.plugins import declared_settings

        return use_cases.ConfigEditor(
            store=self._parts.store,
            clock=self.clock,
            current=self.current_config,
            folder_problem=folder_problem,
            declared=declared_settings,
            apply=self._parts.reopening.apply,
        )

    @cached_property
    def copies(self) -> "use_cases.DatabaseCopies":
        """Copies of the database."""
        return use_cases.DatabaseCopies(
            storage=self.storage, config=self.current_config, clock=self.clock
        )
