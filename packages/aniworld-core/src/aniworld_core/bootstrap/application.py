"""Open an application.

What it is made of is imported when it is opened, so that a program that imports this package
starts fast.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from aniworld_core.bootstrap.use_cases import Application

if TYPE_CHECKING:
    from aniworld_core.bootstrap.settings import Settings
    from aniworld_core.ports.bus import ProgressBus
    from aniworld_core.ports.clock import Clock
    from aniworld_core.ports.config import ConfigStore
    from aniworld_core.ports.covers import CoverSource
    from aniworld_core.ports.fetcher import MediaFetcher
    from aniworld_core.ports.inspector import MediaInspector
    from aniworld_core.ports.library import MediaLibrary
    from aniworld_core.ports.loader import Loader
    from aniworld_core.ports.resolver import StreamResolver
    from aniworld_core.ports.storage import Storage
    from aniworld_core.ports.workers import WorkerRoster


__all__ = ["Application", "open_application"]


@asynccontextmanager
async def open_application(
    settings: "Settings",
    *,
    storage: "Storage | None" = None,
    loaders: "Sequence[Loader] | None" = None,
    resolvers: "Sequence[StreamResolver] | None" = None,
    fetchers: "Sequence[MediaFetcher] | None" = None,
    inspector: "MediaInspector | None" = None,
    covers: "CoverSource | None" = None,
    bus: "ProgressBus | None" = None,
    library: "MediaLibrary | None" = None,
    config_store: "ConfigStore | None" = None,
    roster: "WorkerRoster | None" = None,
    clock: "Clock | None" = None,
) -> AsyncIterator[Application]:
    """Open everything the settings ask for; closed in reverse order when the context is left.

    An argument that is given is used as it is and not closed: its owner does that. `None`
    means that the adapter is looked up by entry point. Nothing is kept in module state: two
    applications in one process do not meet.

    Raises:
        SettingsError: If a setting cannot be used, or the stored configuration breaks a rule.
        ConfigCorruptError: If the configuration cannot be read.
        AdapterNotFoundError: If no installed distribution offers the storage or the bus.
        AdapterBrokenError: If it cannot be loaded.
        StorageUnavailableError: If the database cannot be opened.
        StorageCorruptError: If the database is damaged.
    """
    from aniworld_core.bootstrap.wiring import wired  # slow: everything the application is made of

    async with AsyncExitStack() as stack:
        yield await wired(
            stack,
            settings,
            storage=storage,
            loaders=loaders,
            resolvers=resolvers,
            fetchers=fetchers,
            inspector=inspector,
            covers=covers,
            bus=bus,
            library=library,
            config_store=config_store,
            roster=roster,
            clock=clock,
        )
