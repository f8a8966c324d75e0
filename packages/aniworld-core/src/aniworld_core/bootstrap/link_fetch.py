"""Open the download engine alone: no library, no database, no configuration."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.downloads import LinkFetch, SharedThrottle, StreamFetch
from aniworld_core.bootstrap.adapters import ContextSource, open_all
from aniworld_core.bootstrap.opening.platform import require_platform
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.domain.configuration import Config
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.fetcher import MediaFetcher
from aniworld_core.ports.resolver import StreamResolver


@asynccontextmanager
async def open_link_fetch(
    settings: Settings,
    *,
    limit_rate: int = 0,
    resolvers: Sequence[StreamResolver] | None = None,
    fetchers: Sequence[MediaFetcher] | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[LinkFetch]:
    """Open the download engine for single links; it does not use the data folder.

    A given argument is used and not closed. `None` means that adapters are found by entry
    point.

    Args:
        settings: Addresses that may be reached besides the public internet.
        limit_rate: Bytes per second of all transfers together; 0 means no limit.
        resolvers: Use these instead of the installed ones.
        fetchers: Use these instead of the installed ones.
        clock: Use this clock instead of the system's.

    Raises:
        PlatformNotSupportedError: If the system is not Linux.
    """
    require_platform()
    async with AsyncExitStack() as stack:
        clock = clock or SystemClock()
        throttle = SharedThrottle(limit_rate)
        context = ContextSource(
            settings=settings, current=CurrentConfig(Config()), throttle=throttle, clock=clock
        ).now()
        if resolvers is None:
            resolvers = await open_all(stack, "aniworld.resolver", context)
        if fetchers is None:
            fetchers = await open_all(stack, "aniworld.fetcher", context)
        streams = StreamFetch(resolvers=resolvers, fetchers=fetchers)
        yield LinkFetch(throttle=throttle, streams=streams, clock=clock)
