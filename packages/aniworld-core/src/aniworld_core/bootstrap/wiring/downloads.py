"""Use cases of the room downloads."""

import os
import socket
import uuid
from functools import cached_property

from aniworld_core.application import downloads as use_cases
from aniworld_core.bootstrap.wiring.library import LibraryUseCases
from aniworld_core.domain.identity import WorkerId


class DownloadUseCases(LibraryUseCases):
    """Queue episodes, download them, and remove what was downloaded."""

    @property
    def throttle(self) -> "use_cases.SharedThrottle":
        """Bandwidth limit and pause switch of all transfers."""
        return self._parts.throttle

    @cached_property
    def queue(self) -> "use_cases.DownloadQueue":
        """Change the queue."""
        return use_cases.DownloadQueue(
            queue=self.storage.queue, series=self.storage.series, bus=self.bus, clock=self.clock
        )

    @cached_property
    def queue_reader(self) -> "use_cases.QueueReader":
        """Show the queue."""
        return use_cases.QueueReader(
            items=self.storage.queue, series=self.storage.series, config=self.current_config
        )

    @cached_property
    def resting_catalogues(self) -> "use_cases.RestingCatalogues":
        """Catalogues that are not asked for a while."""
        return use_cases.RestingCatalogues(
            queue=self.storage.queue,
            shared=self.storage.shared,
            circuits=self.circuits,
            bus=self.bus,
            clock=self.clock,
        )

    @cached_property
    def upgrades(self) -> "use_cases.Upgrades":
        """The waiting list for better files."""
        return use_cases.Upgrades(
            queue=self.queue,
            items=self.storage.queue,
            series=self.storage.series,
            files=self.storage.files,
            config=self.current_config,
        )

    @cached_property
    def worker(self) -> "use_cases.DownloadWorker":
        """Download the items of the queue."""
        from aniworld_core.adapters.polling_tickets import PollingTickets
        from aniworld_core.adapters.worker_roster import FileWorkerRoster

        polling = PollingTickets()
        folder = self.settings.data_dir / "workers"
        roster = self._parts.roster or FileWorkerRoster(folder)
        context = use_cases.WorkContext(
            queue=self.storage.queue,
            bus=self.bus,
            clock=self.clock,
            tickets=use_cases.WorkTickets(run=self.storage.tickets or polling, drain=polling),
            outage=self.outage,
            is_paused=lambda: self.throttle.is_paused,
        )
        attempts = use_cases.ItemAttempt(
            context=context,
            series=self.storage.series,
            episodes=self._episode_download,
            settlement=self._settlement,
        )
        return use_cases.DownloadWorker(
            id=_worker_id(),
            context=context,
            attempts=attempts,
            conditions=use_cases.QueueConditions(
                config=self.current_config, library=self.library, clock=self.clock
            ),
            sweep=use_cases.DeadWorkerSweep(context=context, roster=roster),
            lanes=use_cases.WorkerLanes(self.current_config, self.settings.worker_slots),
            throttle=self.throttle,
        )

    @property
    def worker_slots(self) -> int:
        """Number of items that this process downloads at the same time."""
        return self.settings.worker_slots or self.current_config.value.downloads.concurrent

    @cached_property
    def switch(self) -> "use_cases.QueueSwitch":
        """Stop, pause and start the queue."""
        return use_cases.QueueSwitch(
            shared=self.storage.shared, queue=self.storage.queue, worker=self.worker
        )

    @cached_property
    def leftovers(self) -> "use_cases.Leftovers":
        """Unfinished files of items."""
        return use_cases.Leftovers(
            queue=self.storage.queue,
            series=self.storage.series,
            library=self.library,
            config=self.current_config,
        )

    @cached_property
    def item_removal(self) -> "use_cases.ItemRemoval":
        """Remove items with their unfinished files."""
        return use_cases.ItemRemoval(
            items=self.storage.queue,
            queue=self.queue,
            worker=self.worker,
            leftovers=self.leftovers,
        )

    @cached_property
    def library_actions(self) -> "use_cases.LibraryActions":
        """Remove series, and change what is wanted of them."""
        return use_cases.LibraryActions(
            series=self.storage.series,
            catalogue=self.catalogue,
            items=self.item_removal,
            library=self.library,
            changes=self.changes,
            bus=self.bus,
            clock=self.clock,
        )

    @cached_property
    def wanted(self) -> "use_cases.WantedList":
        """List series with missing episodes."""
        return use_cases.WantedList(
            series=self.storage.series, items=self.storage.queue, files=self.storage.files
        )

    @cached_property
    def jobs(self) -> "use_cases.BulkJobs":
        """Change many series in the background."""
        from aniworld_core.adapters.change_lock import JOBS_LOCK_FILE, FileChangeLock
        from aniworld_core.domain.downloads import JobKind

        series, items = self.storage.series, self.storage.queue
        download = use_cases.DownloadWork(queue=self.queue, items=items, removal=self.item_removal)
        edit = use_cases.EditWork(
            series=series,
            items=items,
            queue=self.queue,
            removal=self.item_removal,
            actions=self.library_actions,
            clock=self.clock,
        )
        remove = use_cases.RemovalWork(
            series=series,
            items=items,
            queue=self.queue,
            actions=self.library_actions,
            changes=self.changes,
            bus=self.bus,
            clock=self.clock,
        )
        return use_cases.BulkJobs(
            jobs=self.storage.jobs,
            planner=use_cases.JobPlanner(series=series, items=items, files=self.storage.files),
            works={JobKind.DOWNLOAD: download, JobKind.EDIT: edit, JobKind.REMOVE: remove},
            bus=self.bus,
            clock=self.clock,
            outage=self.outage,
            lock=FileChangeLock(self.settings.data_dir, JOBS_LOCK_FILE),
        )

    @cached_property
    def legacy(self) -> "use_cases.LegacyImport":
        """Import the data of the former program."""
        from aniworld_core.adapters.library import LegacyDataFiles
        from aniworld_core.bootstrap.recovery import read_former_database

        return use_cases.LegacyImport(
            files=LegacyDataFiles(self.settings.data_dir / "legacy-import.json"),
            series=self.storage.series,
            library=self.library,
            bus=self.bus,
            clock=self.clock,
            queue=self.queue,
            read_database=read_former_database,
        )

    @property
    def _episode_download(self) -> "use_cases.EpisodeDownload":
        sources = use_cases.EpisodeSources(
            loaders=self._parts.loaders,
            series=self.storage.series,
            config=self.current_config,
            circuits=self.circuits,
            scores=self.scores,
        )
        return use_cases.EpisodeDownload(
            sources=sources,
            streams=use_cases.StreamFetch(resolvers=self.resolvers, fetchers=self.fetchers),
            inspector=self.inspector,
            library=self.library,
            config=self.current_config,
            replacement=use_cases.Replacement(library=self.library, changes=self.changes),
            on_disk=self.on_disk,
        )

    @property
    def _settlement(self) -> "use_cases.ItemSettlement":
        return use_cases.ItemSettlement(
            queue=self.storage.queue,
            series=self.storage.series,
            contents=self.contents,
            bus=self.bus,
            clock=self.clock,
            config=self.current_config,
            resting=self.resting_catalogues,
        )


def _worker_id() -> WorkerId:
    return WorkerId(f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}")
