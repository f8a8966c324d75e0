"""Build an application: settings, adapters found by entry point, use cases."""

import os
import socket
import uuid
from contextlib import AsyncExitStack
from typing import Final

from aniworld_core.adapters.change_lock import FileChangeLock
from aniworld_core.adapters.library import LegacyDataFiles, folder_problem
from aniworld_core.application.automation import (
    FileInspection,
    LibraryWatch,
    OtherProcesses,
    RescanSchedule,
    ScanRunner,
    SidecarWriter,
)
from aniworld_core.application.catalogue import (
    Catalogue,
    ProviderSurvey,
    SeriesAddition,
    StoredFacts,
)
from aniworld_core.application.configuration import ConfigEditor, DatabaseCopies
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
    StreamFetch,
    WorkContext,
    WorkerLanes,
)
from aniworld_core.application.library import (
    AdoptableFolders,
    Adoption,
    ExistingFolders,
    FileContents,
    FilePins,
    Identification,
    LibraryAttention,
    LibraryScanner,
    OtherScans,
    ScanContext,
    ScanNotes,
    SeriesOnDisk,
)
from aniworld_core.bootstrap.adapters import read_former_database
from aniworld_core.bootstrap.library_changes import finish_interrupted
from aniworld_core.bootstrap.parts import GivenAdapters, Parts, open_parts
from aniworld_core.bootstrap.plugins import InstalledPlugins, declared_settings
from aniworld_core.bootstrap.settings import Settings
from aniworld_core.bootstrap.use_cases import Application
from aniworld_core.bootstrap.wiring import automation
from aniworld_core.domain.identity import WorkerId

#: Attributes of the application that are those of its parts.
_OF_PARTS: Final = (
    *("settings", "storage", "library", "bus", "clock", "covers", "throttle", "circuits", "scores"),
    *("outage", "changes", "recycle_bin", "resolvers", "fetchers", "inspector"),
)


async def wired(stack: AsyncExitStack, settings: Settings, given: GivenAdapters) -> Application:
    """Open the adapters that are not given, and return the application."""
    parts = await open_parts(stack, settings, given)
    additions = _additions(parts)
    catalogue = _catalogue(parts, additions)
    notes = ScanNotes(shared=parts.storage.shared, clock=parts.clock, outage=parts.outage)
    scanner = _scanner(parts, catalogue, notes)
    queue = automation.download_queue(parts)
    worker = _worker(parts)
    others = OtherScans(
        shared=parts.storage.shared, bus=parts.bus, clock=parts.clock, process=notes.process
    )
    schedule = automation.schedule(parts, scanner, queue)
    application = _application(
        parts, additions, catalogue, scanner, queue, worker, others, schedule
    )
    await finish_interrupted(application.changes)
    return application


def _additions(parts: Parts) -> SeriesAddition:
    return SeriesAddition(
        loaders=parts.loaders,
        series=parts.storage.series,
        bus=parts.bus,
        clock=parts.clock,
        config=parts.current,
        circuits=parts.circuits,
        match_to_disk=_existing(parts).placed,
    )


def _existing(parts: Parts) -> ExistingFolders:
    return ExistingFolders(series=parts.storage.series, library=parts.library, config=parts.current)


def _adoption(parts: Parts, additions: SeriesAddition, folders: AdoptableFolders) -> Adoption:
    return Adoption(
        series=parts.storage.series,
        library=parts.library,
        existing=_existing(parts),
        folders=folders,
        additions=additions,
        changes=parts.changes,
    )


def _catalogue(parts: Parts, additions: SeriesAddition) -> Catalogue:
    return Catalogue(
        loaders=parts.loaders,
        series=parts.storage.series,
        bus=parts.bus,
        clock=parts.clock,
        config=parts.current,
        additions=additions,
        facts=StoredFacts(
            metadata=parts.storage.metadata, versions=parts.storage.versions, clock=parts.clock
        ),
    )


def _scan_context(parts: Parts) -> ScanContext:
    return ScanContext(
        series=parts.storage.series,
        files=parts.storage.files,
        library=parts.library,
        config=parts.current,
        clock=parts.clock,
    )


def _on_disk(parts: Parts) -> SeriesOnDisk:
    return SeriesOnDisk(existing=_existing(parts), context=_scan_context(parts))


def _contents(parts: Parts) -> FileContents:
    return FileContents(
        context=_scan_context(parts), inspector=parts.inspector, on_disk=_on_disk(parts)
    )


def _inspection(parts: Parts) -> FileInspection:
    return FileInspection(
        contents=_contents(parts), bus=parts.bus, clock=parts.clock, outage=parts.outage
    )


def _scanner(parts: Parts, catalogue: Catalogue, notes: ScanNotes) -> LibraryScanner:
    context = _scan_context(parts)
    lock = FileChangeLock(parts.settings.data_dir)
    return LibraryScanner(
        catalogue=catalogue, context=context, bus=parts.bus, lock=lock, notes=notes
    )


def _worker(parts: Parts) -> DownloadWorker:
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
        on_disk=_on_disk(parts),
    )
    context = WorkContext(
        queue=storage.queue,
        bus=bus,
        clock=clock,
        outage=outage,
        is_paused=lambda: parts.throttle.is_paused,
    )
    settlement = ItemSettlement(
        queue=storage.queue,
        series=storage.series,
        contents=_contents(parts),
        bus=bus,
        clock=clock,
        config=parts.current,
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
    parts: Parts,
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
    item_removal = _item_removal(parts, queue, worker)
    folders = AdoptableFolders(series=storage.series, library=library, catalogue=catalogue)
    return Application(
        catalogue=catalogue,
        series_addition=additions,
        adoptable=folders,
        attention=_attention(parts, folders),
        adoption=_adoption(parts, additions, folders),
        pins=FilePins(context=_scan_context(parts), on_disk=_on_disk(parts)),
        contents=_contents(parts),
        inspection=_inspection(parts),
        identification=_identification(parts),
        library_actions=_library_actions(parts, item_removal),
        item_removal=item_removal,
        leftovers=_leftovers(parts),
        scanner=scanner,
        scans=_scans(parts, schedule, scanner, other_scans),
        watch=LibraryWatch(library=library, scanner=scanner, config=parts.current, clock=clock),
        schedule=schedule,
        calendar=automation.calendar(parts),
        releases=automation.release_watch(parts, catalogue, scanner, queue),
        queue=queue,
        upgrades=automation.upgrades(parts, queue),
        queue_reader=QueueReader(items=storage.queue, series=storage.series, config=parts.current),
        worker=worker,
        switch=QueueSwitch(shared=storage.shared, queue=storage.queue, worker=worker),
        others=_others(parts, other_scans, worker),
        config=_config(parts),
        current_config=parts.current,
        providers=_providers(parts),
        notifications=automation.notifications(parts),
        copies=DatabaseCopies(storage=storage, config=parts.current, clock=clock),
        legacy=_legacy(parts, queue),
        sidecars=SidecarWriter(bus=bus, changes=parts.changes, config=parts.current),
        **{name: getattr(parts, name) for name in _OF_PARTS},
    )


def _identification(parts: Parts) -> Identification:
    return Identification(
        sources=parts.metadata_sources,
        metadata=parts.storage.metadata,
        series=parts.storage.series,
        config=parts.current,
        clock=parts.clock,
    )


def _attention(parts: Parts, adoptable: AdoptableFolders) -> LibraryAttention:
    return LibraryAttention(
        files=parts.storage.files,
        series=parts.storage.series,
        adoptable=adoptable,
        clock=parts.clock,
    )


def _leftovers(parts: Parts) -> Leftovers:
    storage = parts.storage
    return Leftovers(
        queue=storage.queue, series=storage.series, library=parts.library, config=parts.current
    )


def _item_removal(parts: Parts, queue: DownloadQueue, worker: DownloadWorker) -> ItemRemoval:
    return ItemRemoval(
        items=parts.storage.queue, queue=queue, worker=worker, leftovers=_leftovers(parts)
    )


def _library_actions(parts: Parts, item_removal: ItemRemoval) -> LibraryActions:
    return LibraryActions(
        series=parts.storage.series,
        items=item_removal,
        library=parts.library,
        changes=parts.changes,
        bus=parts.bus,
        clock=parts.clock,
    )


def _scans(
    parts: Parts, schedule: RescanSchedule, scanner: LibraryScanner, other_scans: OtherScans
) -> ScanRunner:
    return ScanRunner(
        schedule=schedule,
        scanner=scanner,
        library=parts.library,
        clock=parts.clock,
        others=other_scans,
    )


def _others(parts: Parts, other_scans: OtherScans, worker: DownloadWorker) -> OtherProcesses:
    return OtherProcesses(
        queue=parts.storage.queue,
        series=parts.storage.series,
        scans=other_scans,
        bus=parts.bus,
        clock=parts.clock,
        outage=parts.outage,
        worker=worker.id,
    )


def _providers(parts: Parts) -> ProviderSurvey:
    return ProviderSurvey(
        loaders=parts.loaders,
        resolvers=parts.resolvers,
        fetchers=parts.fetchers,
        circuits=parts.circuits,
        scores=parts.scores,
        installed=InstalledPlugins(),
    )


def _config(parts: Parts) -> ConfigEditor:
    return ConfigEditor(
        store=parts.store,
        clock=parts.clock,
        current=parts.current,
        folder_problem=folder_problem,
        declared=declared_settings,
    )


def _legacy(parts: Parts, queue: DownloadQueue) -> LegacyImport:
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
