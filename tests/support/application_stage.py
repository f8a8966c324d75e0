"""An application on fakes with a real folder, for tests of the use cases."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import anyio
import attrs

from aniworld_core.adapters.polling_tickets import PollingTickets
from aniworld_core.application.downloads import SharedThrottle, WorkTickets
from aniworld_core.bootstrap.application import open_application
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.configuration import Config, DownloadsConfig
from aniworld_core.ports.config import ConfigStore
from aniworld_core.ports.metadata import MetadataSource
from aniworld_core.testing.fakes import (
    FakeClock,
    FakeCovers,
    FakeFetcher,
    FakeInspector,
    FakeLoader,
    FakeResolver,
    MemoryConfigStore,
    MemoryWorkerRoster,
    RecordingBus,
)
from aniworld_core.testing.memory import MemoryStorage


class PausingClock(FakeClock):
    """Fake clock whose sleeps also take a moment of real time.

    For servers: what looks at the clock all the time would keep a processor busy otherwise, while
    a test waits for an answer.
    """

    async def sleep(self, delay: timedelta) -> None:
        """Advance the time, then wait a moment."""
        await super().sleep(delay)
        await anyio.sleep(0.001)


#: Tickets of a worker that asks the queue at intervals.
TICKETS: Final = WorkTickets(run=PollingTickets(), drain=PollingTickets())


@attrs.define(eq=False)
class Stage:
    """The use cases with all test doubles."""

    app: Application
    loader: FakeLoader
    resolver: FakeResolver
    fetcher: FakeFetcher
    inspector: FakeInspector
    covers: FakeCovers
    bus: RecordingBus
    clock: FakeClock
    storage: MemoryStorage
    roster: MemoryWorkerRoster
    library: Path

    @property
    def throttle(self) -> SharedThrottle:
        """The shared bandwidth limit."""
        return self.app.throttle

    def leftovers(self) -> list[str]:
        """Names of unfinished files in the library."""
        return sorted(p.name for p in self.library.rglob("*") if ".part" in p.name)

    def files(self) -> list[str]:
        """Finished files, relative to the library."""
        found = (p for p in self.library.rglob("*") if p.is_file() and ".part" not in p.name)
        return sorted(p.relative_to(self.library).as_posix() for p in found)


@asynccontextmanager
async def open_stage(
    folder: Path,
    *,
    loaders: Sequence[FakeLoader] | None = None,
    downloads: DownloadsConfig | None = None,
    has_library: bool = True,
    clock: FakeClock | None = None,
    config_store: ConfigStore | None = None,
    metadata_sources: Sequence[MetadataSource] = (),
) -> AsyncIterator[Stage]:
    """Open an application on fake adapters."""
    library = folder / "library"
    library.mkdir()
    given = list(loaders) if loaders is not None else [FakeLoader()]
    config = Config(downloads=downloads or DownloadsConfig(reserve_bytes=0))
    resolver, fetcher = FakeResolver(), FakeFetcher()
    inspector, bus, clock = FakeInspector(), RecordingBus(), clock or FakeClock()
    covers = FakeCovers()
    storage, roster = MemoryStorage(), MemoryWorkerRoster()
    settings = Settings(data_dir=folder / "data", anime_directory=library if has_library else None)
    async with open_application(
        settings,
        storage=storage,
        loaders=given,
        resolvers=[resolver],
        fetchers=[fetcher],
        inspector=inspector,
        covers=covers,
        bus=bus,
        config_store=config_store or MemoryConfigStore(config),
        roster=roster,
        clock=clock,
        metadata_sources=metadata_sources,
    ) as app:
        yield Stage(
            app=app,
            loader=given[0],
            resolver=resolver,
            fetcher=fetcher,
            inspector=inspector,
            covers=covers,
            bus=bus,
            clock=clock,
            storage=storage,
            roster=roster,
            library=library,
        )
