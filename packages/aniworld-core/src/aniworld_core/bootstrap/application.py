"""Open an application.

Its parts are imported when it is opened, so that a program that imports this package starts fast.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from aniworld_core.errors import AniworldError, LibraryBusyError

if TYPE_CHECKING:
    from aniworld_core.bootstrap.settings import Settings
    from aniworld_core.bootstrap.use_cases import Application
    from aniworld_core.ports.bus import ProgressBus
    from aniworld_core.ports.clock import Clock
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


logger: logging.Logger = logging.getLogger(__name__)


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
    metadata_sources: "Sequence[MetadataSource] | None" = None,
    bus: "ProgressBus | None" = None,
    library: "MediaLibrary | None" = None,
    config_store: "ConfigStore | None" = None,
    roster: "WorkerRoster | None" = None,
    clock: "Clock | None" = None,
) -> "AsyncIterator[Application]":
    """Open the adapters that the settings name, and close them in reverse order on exit.

    A given adapter is used and not closed. `None` means that the adapter is found by entry
    point. There is no module state: two applications in one process share nothing. An application
    without fetchers (`fetchers=()`) downloads nothing; it opens inspector and covers on first use.

    Raises:
        PlatformNotSupportedError: If the system is not Linux.
        SettingsError: If a setting is wrong, or the stored configuration breaks a rule.
        ConfigCorruptError: If the configuration cannot be read.
        AdapterNotFoundError: If no installed distribution offers the storage or the bus.
        AdapterBrokenError: If it cannot be loaded.
        StorageUnavailableError: If the database cannot be opened.
        StorageCorruptError: If the database is damaged.
    """
    # Slow to import; a program may import this module and open nothing.
    from aniworld_core.bootstrap.opening.platform import require_platform

    require_platform()
    from aniworld_core.bootstrap.parts import GivenAdapters, open_parts
    from aniworld_core.bootstrap.use_cases import Application

    async with AsyncExitStack() as stack:
        given = GivenAdapters(
            storage=storage,
            loaders=loaders,
            resolvers=resolvers,
            fetchers=fetchers,
            inspector=inspector,
            covers=covers,
            metadata_sources=metadata_sources,
            bus=bus,
            library=library,
            config_store=config_store,
            roster=roster,
            clock=clock,
        )
        application = Application(await open_parts(stack, settings, given))
        await _finish_interrupted(application)
        yield application


async def _finish_interrupted(application: "Application") -> None:
    """Complete or roll back the changes of processes that have ended.

    A change that cannot be finished now, for example because the disk is not mounted, is logged
    and stays for the next start.
    """
    try:
        if not await application.storage.has_unfinished_changes():
            return
        finished = await application.changes.recover()
    except LibraryBusyError:
        return  # the process that holds the lock finishes them
    except AniworldError as error:
        logger.warning("interrupted changes of the library are not finished yet: %s", error)
        return
    for change in finished:
        logger.warning("change %d of the library (%s): %s", change.id, change.title, change.status)
