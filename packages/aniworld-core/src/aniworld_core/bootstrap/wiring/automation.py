"""Use cases of the room automation."""

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from aniworld_core.application import access
from aniworld_core.application import automation as use_cases
from aniworld_core.bootstrap.wiring.downloads import DownloadUseCases
from aniworld_core.domain.automation import TaskName, TaskOutcome
from aniworld_core.messages import Message

if TYPE_CHECKING:
    from aniworld_core.domain.automation import TaskRun
    from aniworld_core.ports.bus import ProgressBus
    from aniworld_core.ports.guesses import GuessCounter

#: Time between two runs of tasks that delete what exceeds a limit.
_HOURLY: Final = timedelta(hours=1)


class AutomationUseCases(DownloadUseCases):
    """What runs by schedule or follows events."""

    @cached_property
    def bus(self) -> "ProgressBus":
        """Where events of this process are published; they are recorded in the history."""
        bus, link = self._parts.bus, self.storage.link
        return use_cases.HistoryRecorder(
            bus=bus if link is None else use_cases.LinkedBus(bus=bus, link=link),
            history=self.storage.history,
            series=self.storage.series,
            statistics=self.storage.statistics,
        )

    @cached_property
    def history(self) -> "use_cases.HistoryReader":
        """What happened."""
        return use_cases.HistoryReader(
            history=self.storage.history,
            journal=self.storage.changes,
            jobs=self.storage.jobs,
            series=self.storage.series,
        )

    @cached_property
    def statistics(self) -> "use_cases.StatisticsReader":
        """Statistics of the library and of downloads."""
        return use_cases.StatisticsReader(
            statistics=self.storage.statistics,
            overview=self.overview,
            library=self.library,
            config=self.current_config,
            clock=self.clock,
        )

    @cached_property
    def measurement(self) -> "use_cases.LibraryMeasurement":
        """The sizes of the library."""
        return use_cases.LibraryMeasurement(
            overview=self.overview, statistics=self.storage.statistics, clock=self.clock
        )

    @cached_property
    def history_limit(self) -> "use_cases.HistoryLimit":
        """The number of entries of the history."""
        return use_cases.HistoryLimit(history=self.storage.history)

    @cached_property
    def task_runs(self) -> "use_cases.TaskRuns":
        """Run background tasks one at a time, and store how they ended."""
        return use_cases.TaskRuns(
            tasks=self.storage.tasks, bus=self.bus, clock=self.clock, outage=self.outage
        )

    @cached_property
    def tasks(self) -> "use_cases.BackgroundTasks":
        """All background tasks."""
        return use_cases.BackgroundTasks(
            runs=self.task_runs,
            clock=self.clock,
            outage=self.outage,
            periodic={task.name: task for task in _periodic_tasks(self)},
        )

    @cached_property
    def membership(self) -> "use_cases.Membership":
        """This process among those of the installation."""
        return use_cases.Membership(
            registry=self.storage.nodes,
            id=self.worker.id,
            host=socket.gethostname(),
            version=version("aniworld-core"),
            clock=self.clock,
            outage=self.outage,
        )

    @cached_property
    def guesses(self) -> "GuessCounter":
        """The recent guesses of passwords: of all machines, or of this process."""
        from aniworld_core.adapters.memory_guess_counter import MemoryGuessCounter

        return self.storage.guesses or MemoryGuessCounter()

    @cached_property
    def duties(self) -> "use_cases.LeaderDuties":
        """The work that only one process of the installation does."""
        from aniworld_core.adapters.file_leadership import FileLeadership

        # The others can be run on request, in each process.
        self.tasks.add(
            use_cases.PeriodicTask(
                name=TaskName.SESSION_CLEANUP,
                work=lambda: _remove_old_sessions(self),
                next_run=use_cases.every(_HOURLY, self.clock),
            )
        )
        return use_cases.LeaderDuties(
            leadership=self.storage.leadership or FileLeadership(self.settings.data_dir),
            membership=self.membership,
            tasks=self.tasks,
            loops=lambda: {
                TaskName.LEGACY_IMPORT: self.legacy.at_start,
                TaskName.NOTIFICATIONS: self.notifications.run,
                TaskName.MEDIA_SERVERS: self.media_servers.run,
                TaskName.SIDECARS: self.sidecars.run,
                TaskName.LIBRARY_SCAN: self.schedule.run,
                TaskName.LIBRARY_WATCH: self.watch.run,
                TaskName.FILE_INSPECTION: self.inspection.run,
            },
            outage=self.outage,
        )

    def queue_runner(self, *, is_here: bool = True) -> "use_cases.QueueRunner":
        """Return a runner of the queue; a process needs one.

        Args:
            is_here: Whether this process downloads.
        """
        return use_cases.QueueRunner(
            worker=self.worker,
            library=self.library,
            clock=self.clock,
            switch=self.switch,
            tasks=self.tasks,
            outage=self.outage,
            is_here=is_here,
        )

    @cached_property
    def schedule(self) -> "use_cases.RescanSchedule":
        """The schedule of scans."""
        return use_cases.RescanSchedule(
            schedule=self.storage.schedule,
            scanner=self.scanner,
            runs=self.task_runs,
            missing=self._missing_episodes,
            config=self.current_config,
            clock=self.clock,
        )

    @cached_property
    def scans(self) -> "use_cases.ScanRunner":
        """Start scans, one at a time."""
        return use_cases.ScanRunner(
            schedule=self.schedule,
            scanner=self.scanner,
            library=self.library,
            clock=self.clock,
            others=self.other_scans,
        )

    @cached_property
    def watch(self) -> "use_cases.LibraryWatch":
        """Scan what changes on disk."""
        return use_cases.LibraryWatch(
            library=self.library,
            scanner=self.scanner,
            config=self.current_config,
            clock=self.clock,
        )

    @cached_property
    def inspection(self) -> "use_cases.FileInspection":
        """Inspect new files."""
        return use_cases.FileInspection(
            contents=self.contents,
            runs=self.task_runs,
            bus=self.bus,
            clock=self.clock,
            outage=self.outage,
        )

    @cached_property
    def calendar(self) -> "use_cases.ReleaseCalendar":
        """What airs, and which versions are expected."""
        return use_cases.ReleaseCalendar(
            series=self.storage.series,
            metadata=self.storage.metadata,
            versions=self.storage.versions,
            config=self.current_config,
            clock=self.clock,
        )

    @cached_property
    def releases(self) -> "use_cases.ReleaseWatch":
        """Check for new releases when they are expected."""
        return use_cases.ReleaseWatch(
            calendar=self.calendar,
            catalogue=self.catalogue,
            scanner=self.scanner,
            missing=self._missing_episodes,
            config=self.current_config,
            clock=self.clock,
        )

    @cached_property
    def others(self) -> "use_cases.OtherProcesses":
        """Publish what other processes do."""
        return use_cases.OtherProcesses(
            storage=self.storage,
            config=self.config,
            scans=self.other_scans,
            bus=self._parts.bus,  # what other processes do is recorded by them
            clock=self.clock,
            outage=self.outage,
            worker=self.worker.id,
        )

    @cached_property
    def notifications(self) -> "use_cases.NotificationSender":
        """Send notifications."""
        from aniworld_core.bootstrap.opening.notifiers import notifier_opener

        return use_cases.NotificationSender(
            bus=self.bus,
            config=self.current_config,
            clock=self.clock,
            open=notifier_opener(self._parts.context.of),
            is_first=self.storage.is_first,
        )

    @cached_property
    def media_servers(self) -> "use_cases.MediaServerRefresh":
        """Refresh media servers after changes of the library."""
        from aniworld_core.bootstrap.opening.media_servers import media_server_opener

        return use_cases.MediaServerRefresh(
            bus=self.bus,
            config=self.current_config,
            library=self.library,
            clock=self.clock,
            open=media_server_opener(self._parts.context),
        )

    @cached_property
    def notification_setup(self) -> "use_cases.NotificationSetup":
        """Add notification services by the values that they need."""
        from aniworld_core.bootstrap.opening.notifiers import open_services

        return use_cases.NotificationSetup(
            editor=self.config, sender=self.notifications, open=open_services
        )

    @cached_property
    def setting_tests(self) -> "use_cases.SettingTests":
        """Test settings before they are stored."""
        from aniworld_core.bootstrap.adapters import open_loader

        source = self._parts.context
        return use_cases.SettingTests(
            editor=self.config,
            notifications=self.notifications,
            media_servers=self.media_servers,
            open_loader=lambda name, config: open_loader(name, source.of(config)),
        )

    @cached_property
    def sidecars(self) -> "use_cases.SidecarWriter":
        """Write NFO files and pictures after downloads."""
        return use_cases.SidecarWriter(
            bus=self.bus, changes=self.changes, config=self.current_config
        )

    @property
    def _missing_episodes(self) -> "use_cases.MissingEpisodes":
        return use_cases.MissingEpisodes(
            queue=self.queue, series=self.storage.series, upgrades=self.upgrades
        )


def _periodic_tasks(app: AutomationUseCases) -> "Iterator[use_cases.PeriodicTask]":
    """Yield the periodic tasks that every process can run; nothing is opened or started."""
    yield use_cases.PeriodicTask(
        name=TaskName.LIBRARY_SCAN,
        work=lambda: app.schedule.trigger(),
        next_run=lambda _: _next_scan(app),
        start=lambda: app.scans.start(),
        has_own_loop=True,
    )
    yield use_cases.PeriodicTask(
        name=TaskName.FILE_INSPECTION,
        work=lambda: app.inspection.inspect(),
        next_run=_never,
        has_own_loop=True,
    )
    yield _release_check(app)
    yield use_cases.PeriodicTask(
        name=TaskName.DATABASE_COPY,
        work=lambda: app.copies.make(),
        next_run=lambda last: app.copies.next_time(failed_at=_failed_at(last)),
    )
    yield use_cases.PeriodicTask(
        name=TaskName.RECYCLE_BIN,
        work=lambda: app.recycle_bin.apply_limits(),
        next_run=use_cases.every(_HOURLY, app.clock),
    )
    yield use_cases.PeriodicTask(
        name=TaskName.HISTORY_LIMIT,
        work=lambda: app.history_limit.apply(),
        next_run=use_cases.every(_HOURLY, app.clock),
    )
    yield use_cases.PeriodicTask(
        name=TaskName.STATISTICS,
        work=lambda: app.measurement.measure(),
        next_run=use_cases.every(_HOURLY, app.clock),
    )


def _release_check(app: AutomationUseCases) -> "use_cases.PeriodicTask":
    at_intervals = use_cases.every(use_cases.LOOK_EVERY, app.clock, first=use_cases.LOOK_EVERY)

    async def next_run(last: "TaskRun | None") -> datetime | None:
        return await at_intervals(last) if app.releases.is_on else None

    return use_cases.PeriodicTask(
        name=TaskName.RELEASE_CHECK, work=lambda: app.releases.report(), next_run=next_run
    )


async def _remove_old_sessions(app: AutomationUseCases) -> str:
    removed = await app.storage.sessions.remove_expired(app.clock.now() - access.LEEWAY)
    return Message("task_deleted", count=removed)


async def _next_scan(app: AutomationUseCases) -> datetime | None:
    return (await app.schedule.status()).next_run


async def _never(_last: "TaskRun | None") -> datetime | None:
    """It runs when there are new files."""
    return None


def _failed_at(last: "TaskRun | None") -> datetime | None:
    return last.started_at if last is not None and last.outcome is TaskOutcome.FAILED else None
