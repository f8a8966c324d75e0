"""Use cases of the room automation."""

from functools import cached_property
from typing import TYPE_CHECKING

from aniworld_core.application import automation as use_cases
from aniworld_core.bootstrap.wiring.downloads import DownloadUseCases

if TYPE_CHECKING:
    from aniworld_core.ports.bus import ProgressBus


class AutomationUseCases(DownloadUseCases):
    """What runs by schedule or follows events."""

    @cached_property
    def bus(self) -> "ProgressBus":
        """Where events of this process are published; they are recorded in the history."""
        return use_cases.HistoryRecorder(
            bus=self._parts.bus, history=self.storage.history, series=self.storage.series
        )

    @cached_property
    def history(self) -> "use_cases.HistoryReader":
        """What happened."""
        return use_cases.HistoryReader(history=self.storage.history, journal=self.storage.changes)

    @cached_property
    def history_limit(self) -> "use_cases.HistoryLimit":
        """The number of entries of the history."""
        return use_cases.HistoryLimit(
            history=self.storage.history, clock=self.clock, outage=self.outage
        )

    @cached_property
    def schedule(self) -> "use_cases.RescanSchedule":
        """The schedule of scans."""
        return use_cases.RescanSchedule(
            schedule=self.storage.schedule,
            scanner=self.scanner,
            missing=self._missing_episodes,
            config=self.current_config,
            clock=self.clock,
            outage=self.outage,
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
            contents=self.contents, bus=self.bus, clock=self.clock, outage=self.outage
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
            outage=self.outage,
        )

    @cached_property
    def others(self) -> "use_cases.OtherProcesses":
        """Publish what other processes do."""
        return use_cases.OtherProcesses(
            queue=self.storage.queue,
            series=self.storage.series,
            scans=self.other_scans,
            bus=self._parts.bus,  # what other processes do is recorded by them
            clock=self.clock,
            outage=self.outage,
            worker=self.worker.id,
        )

    @cached_property
    def notifications(self) -> "use_cases.NotificationSender":
        """Send notifications."""
        from aniworld_core.bootstrap.notifiers import notifier_opener

        return use_cases.NotificationSender(
            bus=self.bus,
            config=self.current_config,
            clock=self.clock,
            open=notifier_opener(self._parts.context.now),
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
