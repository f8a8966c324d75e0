"""Put an application together: settings, adapters by entry point, use cases."""

import os
import socket
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial

from aniworld_core.adapters.configured_library import ConfiguredLibrary
from aniworld_core.adapters.folder_check import folder_problem
from aniworld_core.adapters.json_config_store import JsonConfigStore
from aniworld_core.adapters.legacy_data_files import LegacyDataFiles
from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.adapters.worker_roster import FileWorkerRoster
from aniworld_core.application.automation import (
    Announcer,
    MissingEpisodes,
    OtherProcesses,
    RescanSchedule,
    ScanRunner,
)
from aniworld_core.application.catalogue import Catalogue, Circuits, Covers, ScoreBook
from aniworld_core.application.configuration import ConfigEditor, CurrentConfig, DatabaseCopies
from aniworld_core.application.downloads import (
    DeadWorkerSweep,
    DownloadQueue,
    DownloadWorker,
    EpisodeDownload,
    ItemAttempt,
    ItemSettlement,
    Leftovers,
    LegacyImport,
    LibraryActions,
    QueueConditions,
    QueueReader,
    QueueSwitch,
    Replacement,
    SharedThrottle,
)
from aniworld_core.application.library import LibraryScanner, OtherScans, ScanNotes, matched_to_disk
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.bootstrap.adapters import (
    open_bus,
    open_covers,
    open_inspector,
    open_loaders,
    open_storage,
    read_former_database,
)
from aniworld_core.bootstrap.notifiers import notifier_opener
from aniworld_core.bootstrap.opening import open_all
from aniworld_core.bootstrap.plugins import declared_settings
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.surroundings import Surroundings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.domain.configuration import Config
from aniworld_core.domain.identity import WorkerId
from aniworld_core.errors import InvalidConfigError, SettingsError
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


async def wired(
    stack: AsyncExitStack,
    settings: Settings,
    *,
    storage: Storage | None,
    loaders: Sequence[Loader] | None,
    resolvers: Sequence[StreamResolver] | None,
    fetchers: Sequence[MediaFetcher] | None,
    inspector: MediaInspector | None,
    covers: CoverSource | None,
    bus: ProgressBus | None,
    library: MediaLibrary | None,
    config_store: ConfigStore | None,
    roster: WorkerRoster | None,
    clock: Clock | None,
) -> Application:
    """Open what is not given and return the application; arguments as in `open_application`."""
    clock = clock or SystemClock()
    store = config_store or JsonConfigStore(settings.data_dir / "config.json")
    current = CurrentConfig(await _stored_config(store))
    throttle = SharedThrottle(current.value.downloads.limit_rate)
    current.listen(lambda config: throttle.change_limit(config.downloads.limit_rate))
    storage = storage or await open_storage(stack, settings)
    bus = bus or await open_bus(stack, settings)
    library = library or ConfiguredLibrary(current, settings.anime_directory)
    surroundings = Surroundings(settings=settings, current=current, throttle=throttle, clock=clock)
    context = surroundings.now()
    opened = await open_loaders(stack, settings, context, loaders)
    if resolvers is None:
        resolvers = await open_all(stack, "aniworld.resolver", context)
    if fetchers is None:
        fetchers = await open_all(stack, "aniworld.fetcher", context)
    if inspector is None:
        inspector = await open_inspector(stack, context)
    covers = covers or await open_covers(stack, context)
    circuits = Circuits(clock=clock)
    scores = ScoreBook(scores=storage.scores, clock=clock)
    catalogue = Catalogue(
        loaders=opened,
        series=storage.series,
        bus=bus,
        clock=clock,
        config=current,
        circuits=circuits,
        match_to_disk=partial(matched_to_disk, library),
    )
    outage = StorageOutage()
    notes = ScanNotes(shared=storage.shared, clock=clock, outage=outage)
    scanner = LibraryScanner(
        catalogue=catalogue,
        series=storage.series,
        library=library,
        bus=bus,
        clock=clock,
        notes=notes,
    )
    queue = DownloadQueue(queue=storage.queue, series=storage.series, bus=bus, clock=clock)
    schedule = RescanSchedule(
        schedule=storage.schedule,
        scanner=scanner,
        missing=MissingEpisodes(queue=queue, series=storage.series),
        config=current,
        clock=clock,
        outage=outage,
    )
    episodes = EpisodeDownload(
        loaders=opened,
        resolvers=resolvers,
        fetchers=fetchers,
        inspector=inspector,
        library=library,
        config=current,
        circuits=circuits,
        scores=scores,
        replacement=Replacement(library=library, clock=clock),
    )
    roster = roster or FileWorkerRoster(settings.data_dir / "workers")
    worker = DownloadWorker(
        id=_worker_id(),
        queue=storage.queue,
        episodes=episodes,
        attempts=ItemAttempt(
            queue=storage.queue,
            series=storage.series,
            episodes=episodes,
            settlement=ItemSettlement(
                queue=storage.queue,
                series=storage.series,
                bus=bus,
                clock=clock,
                config=current,
            ),
            bus=bus,
            clock=clock,
            outage=outage,
            is_paused=lambda: throttle.is_paused,
        ),
        outage=outage,
        sweep=DeadWorkerSweep(
            queue=storage.queue, roster=roster, bus=bus, clock=clock, outage=outage
        ),
        conditions=QueueConditions(config=current, library=library, clock=clock),
        bus=bus,
        clock=clock,
        config=current,
        throttle=throttle,
        roster=roster,
    )
    leftovers = Leftovers(
        queue=storage.queue, series=storage.series, library=library, config=current
    )
    other_scans = OtherScans(shared=storage.shared, bus=bus, clock=clock, process=notes.process)
    return Application(
        settings=settings,
        catalogue=catalogue,
        covers=Covers(source=covers, series=storage.series, loaders=opened),
        library_actions=LibraryActions(
            series=storage.series,
            items=storage.queue,
            queue=queue,
            worker=worker,
            library=library,
            leftovers=leftovers,
            bus=bus,
            clock=clock,
        ),
        leftovers=leftovers,
        scanner=scanner,
        scans=ScanRunner(
            schedule=schedule,
            scanner=scanner,
            library=library,
            clock=clock,
            others=other_scans,
        ),
        schedule=schedule,
        queue=queue,
        queue_reader=QueueReader(items=storage.queue, series=storage.series, config=current),
        worker=worker,
        switch=QueueSwitch(shared=storage.shared, queue=storage.queue, worker=worker),
        others=OtherProcesses(
            queue=storage.queue,
            series=storage.series,
            scans=other_scans,
            bus=bus,
            clock=clock,
            outage=outage,
            worker=worker.id,
        ),
        config=ConfigEditor(
            store=store,
            clock=clock,
            current=current,
            folder_problem=folder_problem,
            declared=declared_settings,
        ),
        current_config=current,
        throttle=throttle,
        circuits=circuits,
        scores=scores,
        outage=outage,
        announcer=Announcer(
            bus=bus, config=current, clock=clock, open=notifier_opener(surroundings.now)
        ),
        copies=DatabaseCopies(storage=storage, config=current, clock=clock),
        legacy=LegacyImport(
            files=LegacyDataFiles(settings.data_dir / "legacy-import.json"),
            series=storage.series,
            library=library,
            bus=bus,
            clock=clock,
            queue=queue,
            read_database=read_former_database,
        ),
        storage=storage,
        library=library,
        bus=bus,
        clock=clock,
        resolvers=resolvers,
        fetchers=fetchers,
        inspector=inspector,
    )


def _worker_id() -> WorkerId:
    return WorkerId(f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}")


async def _stored_config(store: ConfigStore) -> Config:
    """Load the configuration; stored values that break a rule are a wrong set-up, not wrong use."""
    try:
        return await store.load()
    except InvalidConfigError as error:
        problems = [
            f"config.json: {pointer or '/'}: {detail}" for pointer, detail in error.problems
        ]
        raise SettingsError(problems) from error
