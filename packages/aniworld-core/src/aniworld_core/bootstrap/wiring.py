"""Put an application together: settings, adapters by entry point, use cases."""

import os
import socket
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack

import attrs

from aniworld_core.adapters.library import ConfiguredLibrary, LegacyDataFiles, folder_problem
from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.adapters.worker_roster import FileWorkerRoster
from aniworld_core.application.automation import (
    MissingEpisodes,
    NotificationSender,
    OtherProcesses,
    RescanSchedule,
    ScanRunner,
)
from aniworld_core.application.catalogue import (
    Catalogue,
    CircuitBreakers,
    Covers,
    HosterScores,
    Loaders,
    ProviderSurvey,
    SeriesAddition,
)
from aniworld_core.application.configuration import ConfigEditor, CurrentConfig, DatabaseCopies
from aniworld_core.application.downloads import (
    DeadWorkerSweep,
    DownloadQueue,
    DownloadWorker,
    EpisodeDownload,
    EpisodeSources,
    ItemAttempt,
    ItemRemoval,
    ItemSettlement,
    Leftovers,
    LegacyImport,
    LibraryActions,
    QueueConditions,
    QueueReader,
    QueueSwitch,
    Replacement,
    SharedThrottle,
    StreamFetch,
    WorkContext,
    WorkerLanes,
)
from aniworld_core.application.library import (
    ExistingFolders,
    LibraryChanges,
    LibraryScanner,
    OtherScans,
    RecycleBin,
    ScanNotes,
)
from aniworld_core.application.storage_outage import StorageOutage
from aniworld_core.bootstrap.adapters import (
    ContextSource,
    notifier_opener,
    open_all,
    open_bus,
    open_covers,
    open_inspector,
    open_loaders,
    open_storage,
    read_former_database,
)
from aniworld_core.bootstrap.config_access import stored_configuration
from aniworld_core.bootstrap.library_changes import finish_interrupted, library_changes
from aniworld_core.bootstrap.plugins import InstalledPlugins, declared_settings
from aniworld_core.bootstrap.settings import Settings
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


@attrs.frozen(kw_only=True)
class GivenAdapters:
    """Adapters that the caller of `open_application` passes; `None` means: find it."""

    storage: Storage | None = None
    loaders: Sequence[Loader] | None = None
    resolvers: Sequence[StreamResolver] | None = None
    fetchers: Sequence[MediaFetcher] | None = None
    inspector: MediaInspector | None = None
    covers: CoverSource | None = None
    bus: ProgressBus | None = None
    library: MediaLibrary | None = None
    config_store: ConfigStore | None = None
    roster: WorkerRoster | None = None
    clock: Clock | None = None


@attrs.frozen(kw_only=True)
class _Parts:
    """Everything that the use cases of one application share."""

    settings: Settings
    clock: Clock
    store: ConfigStore
    current: CurrentConfig
    throttle: SharedThrottle
    storage: Storage
    bus: ProgressBus
    library: MediaLibrary
    changes: LibraryChanges
    recycle_bin: RecycleBin
    context: ContextSource
    loaders: Loaders
    resolvers: Sequence[StreamResolver]
    fetchers: Sequence[MediaFetcher]
    inspector: MediaInspector
    covers: CoverSource | None
    roster: WorkerRoster
    circuits: CircuitBreakers
    scores: HosterScores
    outage: StorageOutage


async def wired(stack: AsyncExitStack, settings: Settings, given: GivenAdapters) -> Application:
    """Open the adapters that are not given, and return the application."""
    parts = await _open_parts(stack, settings, given)
    additions = _additions(parts)
    catalogue = _catalogue(parts, additions)
    notes = ScanNotes(shared=parts.storage.shared, clock=parts.clock, outage=parts.outage)
    scanner = _scanner(parts, catalogue, notes)
    queue = DownloadQueue(
        queue=parts.storage.queue, series=parts.storage.series, bus=parts.bus, clock=parts.clock
    )
    worker = _worker(parts)
    others = OtherScans(
        shared=parts.storage.shared, bus=parts.bus, clock=parts.clock, process=notes.process
    )
    schedule = _schedule(parts, scanner, queue)
    application = _application(
        parts, additions, catalogue, scanner, queue, worker, others, schedule
    )
    await finish_interrupted(application.changes)
    return application


async def _open_parts(stack: AsyncExitStack, settings: Settings, given: GivenAdapters) -> _Parts:
    """Load the configuration and open every adapter that is not given."""
    clock = given.clock or SystemClock()
    store = given.config_store or stored_configuration(settings)
    current = CurrentConfig(await _stored_config(store))
    throttle = SharedThrottle(current.value.downloads.limit_rate)
    current.listen(lambda config: throttle.change_limit(config.downloads.limit_rate))
    storage = given.storage or await open_storage(stack, settings)
    bus = given.bus or await open_bus(stack, settings)
    source = ContextSource(settings=settings, current=current, throttle=throttle, clock=clock)
    context = source.now()
    loaders = await open_loaders(stack, settings, context, given.loaders)
    resolvers, fetchers = given.resolvers, given.fetchers
    if resolvers is None:
        resolvers = await open_all(stack, "aniworld.resolver", context)
    if fetchers is None:
        fetchers = await open_all(stack, "aniworld.fetcher", context)
    library = given.library or ConfiguredLibrary(current, settings.anime_directory)
    changes, recycle_bin = library_changes(storage, library, current, clock, settings.data_dir)
    return _Parts(
        settings=settings,
        clock=clock,
        store=store,
        current=current,
        throttle=throttle,
        storage=storage,
        bus=bus,
        library=library,
        changes=changes,
        recycle_bin=recycle_bin,
        context=source,
        loaders=loaders,
        resolvers=resolvers,
        fetchers=fetchers,
        inspector=given.inspector or await open_inspector(stack, context),
        covers=given.covers or await open_covers(stack, context),
        roster=given.roster or FileWorkerRoster(settings.data_dir / "workers"),
        circuits=CircuitBreakers(clock=clock),
        scores=HosterScores(scores=storage.scores, clock=clock),
        outage=StorageOutage(),
    )


def _additions(parts: _Parts) -> SeriesAddition:
    return SeriesAddition(
        loaders=parts.loaders,
        series=parts.storage.series,
        bus=parts.bus,
        clock=parts.clock,
        config=parts.current,
        circuits=parts.circuits,
        match_to_disk=ExistingFolders(
            series=parts.storage.series, library=parts.library, config=parts.current
        ).placed,
    )


def _catalogue(parts: _Parts, additions: SeriesAddition) -> Catalogue:
    return Catalogue(
        loaders=parts.loaders,
        series=parts.storage.series,
        bus=parts.bus,
        clock=parts.clock,
        config=parts.current,
        circuits=parts.circuits,
        additions=additions,
    )


def _scanner(parts: _Parts, catalogue: Catalogue, notes: ScanNotes) -> LibraryScanner:
    return LibraryScanner(
        catalogue=catalogue,
        series=parts.storage.series,
        files=parts.storage.files,
        config=parts.current,
        library=parts.library,
        bus=parts.bus,
        clock=parts.clock,
        notes=notes,
    )


def _schedule(parts: _Parts, scanner: LibraryScanner, queue: DownloadQueue) -> RescanSchedule:
    return RescanSchedule(
        schedule=parts.storage.schedule,
        scanner=scanner,
        missing=MissingEpisodes(queue=queue, series=parts.storage.series),
        config=parts.current,
        clock=parts.clock,
        outage=parts.outage,
    )


def _worker(parts: _Parts) -> DownloadWorker:
    """Build the worker with everything from claiming an item to settling it."""
    storage, bus, clock, outage = parts.storage, parts.bus, parts.clock, parts.outage
    episodes = EpisodeDownload(
        sources=EpisodeSources(
            loaders=parts.loaders,
            config=parts.current,
            circuits=parts.circuits,
            scores=parts.scores,
        ),
        streams=StreamFetch(resolvers=parts.resolvers, fetchers=parts.fetchers),
        inspector=parts.inspector,
        library=parts.library,
        config=parts.current,
        replacement=Replacement(library=parts.library, changes=parts.changes),
    )
    context = WorkContext(
        queue=storage.queue,
        bus=bus,
        clock=clock,
        outage=outage,
        is_paused=lambda: parts.throttle.is_paused,
    )
    settlement = ItemSettlement(
        queue=storage.queue, series=storage.series, bus=bus, clock=clock, config=parts.current
    )
    return DownloadWorker(
        id=_worker_id(),
        context=context,
        attempts=ItemAttempt(
            context=context, series=storage.series, episodes=episodes, settlement=settlement
        ),
        conditions=QueueConditions(config=parts.current, library=parts.library, clock=clock),
        sweep=DeadWorkerSweep(context=context, roster=parts.roster),
        lanes=WorkerLanes(parts.current),
        throttle=parts.throttle,
    )


def _application(
    parts: _Parts,
    additions: SeriesAddition,
    catalogue: Catalogue,
    scanner: LibraryScanner,
    queue: DownloadQueue,
    worker: DownloadWorker,
    other_scans: OtherScans,
    schedule: RescanSchedule,
) -> Application:
    """Build the remaining use cases and return the application."""
    storage, library, bus, clock = parts.storage, parts.library, parts.bus, parts.clock
    leftovers = Leftovers(
        queue=storage.queue, series=storage.series, library=library, config=parts.current
    )
    item_removal = _item_removal(parts, queue, worker, leftovers)
    return Application(
        settings=parts.settings,
        catalogue=catalogue,
        series_addition=additions,
        covers=Covers(source=parts.covers, series=storage.series, loaders=parts.loaders),
        library_actions=_library_actions(parts, item_removal),
        item_removal=item_removal,
        leftovers=leftovers,
        scanner=scanner,
        scans=_scans(parts, schedule, scanner, other_scans),
        schedule=schedule,
        queue=queue,
        queue_reader=QueueReader(items=storage.queue, series=storage.series, config=parts.current),
        worker=worker,
        switch=QueueSwitch(shared=storage.shared, queue=storage.queue, worker=worker),
        others=_others(parts, other_scans, worker),
        config=_config(parts),
        current_config=parts.current,
        throttle=parts.throttle,
        circuits=parts.circuits,
        scores=parts.scores,
        providers=_providers(parts),
        outage=parts.outage,
        notifications=NotificationSender(
            bus=bus, config=parts.current, clock=clock, open=notifier_opener(parts.context.now)
        ),
        copies=DatabaseCopies(storage=storage, config=parts.current, clock=clock),
        legacy=_legacy(parts, queue),
        changes=parts.changes,
        recycle_bin=parts.recycle_bin,
        storage=storage,
        library=library,
        bus=bus,
        clock=clock,
        resolvers=parts.resolvers,
        fetchers=parts.fetchers,
        inspector=parts.inspector,
    )


def _item_removal(
    parts: _Parts, queue: DownloadQueue, worker: DownloadWorker, leftovers: Leftovers
) -> ItemRemoval:
    return ItemRemoval(items=parts.storage.queue, queue=queue, worker=worker, leftovers=leftovers)


def _library_actions(parts: _Parts, item_removal: ItemRemoval) -> LibraryActions:
    return LibraryActions(
        series=parts.storage.series,
        items=item_removal,
        library=parts.library,
        changes=parts.changes,
        bus=parts.bus,
        clock=parts.clock,
    )


def _scans(
    parts: _Parts, schedule: RescanSchedule, scanner: LibraryScanner, other_scans: OtherScans
) -> ScanRunner:
    return ScanRunner(
        schedule=schedule,
        scanner=scanner,
        library=parts.library,
        clock=parts.clock,
        others=other_scans,
    )


def _others(parts: _Parts, other_scans: OtherScans, worker: DownloadWorker) -> OtherProcesses:
    return OtherProcesses(
        queue=parts.storage.queue,
        series=parts.storage.series,
        scans=other_scans,
        bus=parts.bus,
        clock=parts.clock,
        outage=parts.outage,
        worker=worker.id,
    )


def _providers(parts: _Parts) -> ProviderSurvey:
    return ProviderSurvey(
        loaders=parts.loaders,
        resolvers=parts.resolvers,
        fetchers=parts.fetchers,
        circuits=parts.circuits,
        scores=parts.scores,
        installed=InstalledPlugins(),
    )


def _config(parts: _Parts) -> ConfigEditor:
    return ConfigEditor(
        store=parts.store,
        clock=parts.clock,
        current=parts.current,
        folder_problem=folder_problem,
        declared=declared_settings,
    )


def _legacy(parts: _Parts, queue: DownloadQueue) -> LegacyImport:
    return LegacyImport(
        files=LegacyDataFiles(parts.settings.data_dir / "legacy-import.json"),
        series=parts.storage.series,
        library=parts.library,
        bus=parts.bus,
        clock=parts.clock,
        queue=queue,
        read_database=read_former_database,
    )


def _worker_id() -> WorkerId:
    return WorkerId(f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}")


async def _stored_config(store: ConfigStore) -> Config:
    """Load the configuration; broken rules of stored values raise `SettingsError`."""
    try:
        return await store.load()
    except InvalidConfigError as error:
        problems = [
            f"config.json: {pointer or '/'}: {detail}" for pointer, detail in error.problems
        ]
        raise SettingsError(problems) from error
