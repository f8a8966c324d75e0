"""Open the adapters of an application, or take the given ones."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import attrs

from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.application.catalogue import Loaders
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.downloads import SharedThrottle
from aniworld_core.bootstrap.adapters import (
    COVERS,
    INSPECTORS,
    ContextSource,
    open_all,
    open_bus,
    open_covers,
    open_inspector,
    open_loaders,
    open_storage,
)
from aniworld_core.bootstrap.config_access import configuration_in, stored_configuration
from aniworld_core.bootstrap.opening.on_demand import CoversOnDemand, InspectorOnDemand
from aniworld_core.bootstrap.opening.reopening import AdapterReopening, ReplaceableCovers
from aniworld_core.bootstrap.plugins import adapter_distributions, has_shared_storage
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.configuration import Config
from aniworld_core.errors import InvalidConfigError, SettingsError
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.context import AdapterContext

if TYPE_CHECKING:
    from aniworld_core.ports.bus import ProgressBus
    from aniworld_core.ports.config import ConfigStore
    from aniworld_core.ports.covers import CoverSource
    from aniworld_core.ports.fetcher import MediaFetcher
    from aniworld_core.ports.inspector import MediaInspector
    from aniworld_core.ports.library import MediaLibrary
    from aniworld_core.ports.loader import Loader
    from aniworld_core.ports.metadata import MetadataSource
    from aniworld_core.ports.resolver import StreamResolver
    from aniworld_core.ports.storage import Storage
    from aniworld_core.ports.workers import WorkerRoster


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GivenAdapters:
    """Adapters that the caller of `open_application` passes; `None` means: find it."""

    storage: "Storage | None" = None
    loaders: "Sequence[Loader] | None" = None
    resolvers: "Sequence[StreamResolver] | None" = None
    fetchers: "Sequence[MediaFetcher] | None" = None
    inspector: "MediaInspector | None" = None
    covers: "CoverSource | None" = None
    metadata_sources: "Sequence[MetadataSource] | None" = None
    bus: "ProgressBus | None" = None
    library: "MediaLibrary | None" = None
    config_store: "ConfigStore | None" = None
    roster: "WorkerRoster | None" = None
    clock: Clock | None = None

    @property
    def downloads_nothing(self) -> bool:
        """Whether the caller left the fetchers out on purpose."""
        return self.fetchers is not None and not self.fetchers


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Parts:
    """The opened adapters of one application.

    Attributes:
        library: The given library; `None` for the configured folders.
        covers: Source of covers; `None` if none is installed.
        roster: The given roster; `None` for lock files in the data folder.
        reopening: Applies changed settings to the opened adapters.
    """

    settings: Settings
    clock: Clock
    store: "ConfigStore"
    current: CurrentConfig
    throttle: SharedThrottle
    storage: "Storage"
    bus: "ProgressBus"
    library: "MediaLibrary | None"
    context: ContextSource
    loaders: Loaders
    resolvers: "Sequence[StreamResolver]"
    fetchers: "Sequence[MediaFetcher]"
    inspector: "MediaInspector"
    covers: "CoverSource | None"
    metadata_sources: "Sequence[MetadataSource]"
    roster: "WorkerRoster | None"
    reopening: AdapterReopening


async def open_parts(stack: AsyncExitStack, settings: Settings, given: GivenAdapters) -> Parts:
    """Load the configuration and open every adapter that is not given."""
    storage = given.storage
    if storage is None and has_shared_storage(settings.storage_url):
        storage = await open_storage(stack, settings)  # holds the configuration
    store = given.config_store
    if store is None and storage is not None:
        store = await configuration_in(storage, settings)
    store = store or stored_configuration(settings)
    current = CurrentConfig(await _stored_config(store))
    throttle = SharedThrottle(current.value.downloads.limit_rate)
    current.listen(lambda config: throttle.change_limit(config.downloads.limit_rate))
    storage = storage or await open_storage(stack, settings)
    clock = given.clock or storage.clock(SystemClock())
    bus = given.bus or await open_bus(stack, settings)
    source = ContextSource(settings=settings, current=current, throttle=throttle, clock=clock)
    context = source.now()
    loaders = await open_loaders(stack, settings, context, given.loaders)
    own: dict[str, Any] = {
        "aniworld.resolver": given.resolvers,
        "aniworld.fetcher": given.fetchers,
        "aniworld.metadata": given.metadata_sources,
    }
    opened = {
        group: await open_all(stack, group, context)
        for group, adapters in own.items()
        if adapters is None
    }
    resolvers, fetchers, sources = (opened.get(group, adapters) for group, adapters in own.items())
    found = given.covers or await _covers(stack, context, given)
    covers = ReplaceableCovers(found) if found is not None and given.covers is None else None
    reopening = AdapterReopening(
        stack=stack,
        source=source,
        loaders=loaders if given.loaders is None else None,
        groups=opened,
        covers=covers,
    )
    return Parts(
        settings=settings,
        clock=clock,
        store=store,
        current=current,
        throttle=throttle,
        storage=storage,
        bus=bus,
        library=given.library,
        context=source,
        loaders=loaders,
        resolvers=resolvers,
        fetchers=fetchers,
        inspector=given.inspector or await _inspector(stack, context, given),
        covers=covers or found,
        metadata_sources=sources,
        roster=given.roster,
        reopening=reopening,
    )


async def _inspector(
    stack: AsyncExitStack, context: AdapterContext, given: GivenAdapters
) -> "MediaInspector":
    """Open the inspector, on first use only if nothing is downloaded.

    Raises:
        AdapterNotFoundError: If none is installed, or none that can be opened.
    """
    if given.downloads_nothing and adapter_distributions(INSPECTORS):
        return InspectorOnDemand(stack, context)
    return await open_inspector(stack, context)


async def _covers(
    stack: AsyncExitStack, context: AdapterContext, given: GivenAdapters
) -> "CoverSource | None":
    """Open the source of covers, on first use only if nothing is downloaded."""
    if given.downloads_nothing and adapter_distributions(COVERS):
        return CoversOnDemand(stack, context)
    return await open_covers(stack, context)


async def _stored_config(store: "ConfigStore") -> Config:
    """Load the configuration; broken rules of stored values raise `SettingsError`."""
    try:
        return await store.load()
    except InvalidConfigError as error:
        problems = [
            f"config.json: {pointer or '/'}: {detail}" for pointer, detail in error.problems
        ]
        raise SettingsError(problems) from error
