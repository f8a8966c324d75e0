"""Scan the library at the configured times."""

import logging
import uuid
from datetime import datetime, timedelta, tzinfo
from typing import Final

import anyio
import attrs
from anyio.abc import TaskStatus

from aniworld_core.application.actors import acting_as
from aniworld_core.application.automation.missing_episodes import MissingEpisodes
from aniworld_core.application.automation.tasks.runs import TaskRuns
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.library import LibraryScanner, ScanOptions, ScanReport
from aniworld_core.domain.automation import ScheduleState, TaskName, next_run
from aniworld_core.domain.configuration import parse_time_of_day
from aniworld_core.errors import (
    AniworldError,
    ScanCancelledError,
    ScanRunningError,
    StorageUnavailableError,
)
from aniworld_core.messages import Message
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.schedule import ScheduleRepository

logger: logging.Logger = logging.getLogger(__name__)

#: Seconds between two checks whether a scan is due; configuration and clock may change.
TICK: Final = timedelta(seconds=1)
#: Duration of the lease of a scan.
LEASE: Final = timedelta(minutes=2)
_COMPONENT: Final = "the schedule"
_PLAIN: Final = ScanOptions()
#: A scan that the schedule starts, without a request.
_SCHEDULED: Final = ScanOptions(paced=True)


@attrs.frozen(kw_only=True)
class ScheduleStatus:
    """State of the schedule.

    Attributes:
        next_run: Time of the next scan; `None` while the schedule is off.
        last_run: Start of the last scan.
        last_result: Result of the last scan in one line; empty while it runs or before the first.
        is_running: Whether a scan is running, in this process or another.
    """

    enabled: bool
    next_run: datetime | None
    last_run: datetime | None
    last_result: str
    is_running: bool


@attrs.define(eq=False, kw_only=True)
class RescanSchedule:
    """Run the scanner when a scan is due; the last run is stored across restarts.

    Args:
        schedule: Stores the schedule and gives the lease to one process.
        scanner: Runs the scan.
        runs: Stores how scans ended, and that the schedule cannot be read or written.
        missing: Adds missing and upgradable episodes to the queue afterwards, if configured.
        config: Configuration in force; a change applies from the next check.
        clock: The time.
        zone: Time zone of configured times of day; `None` means that of the system.
    """

    _schedule: ScheduleRepository
    _scanner: LibraryScanner
    _runs: TaskRuns
    _missing: MissingEpisodes
    _config: CurrentConfig
    _clock: Clock
    _zone: tzinfo | None = None
    #: Name of this schedule among those of other processes.
    _holder: str = attrs.field(factory=lambda: uuid.uuid4().hex, init=False)
    _opened_at: datetime = attrs.field(init=False)
    _is_running: bool = attrs.field(default=False, init=False)
    #: The stored state that was read last.
    _known: ScheduleState | None = attrs.field(default=None, init=False)

    @_opened_at.default
    def _now(self) -> datetime:
        return self._clock.now()

    async def run(self) -> None:
        """Scan when due, until cancelled; a running scan is then cancelled cleanly."""
        while True:
            try:
                if await self._is_due():
                    await self._scan_if_free()
            except StorageUnavailableError as error:
                self._runs.outage.failed(_COMPONENT, error)
            else:
                self._runs.outage.recovered(_COMPONENT)
            await self._clock.sleep(TICK)

    async def trigger(
        self,
        *,
        scan_id: str | None = None,
        options: ScanOptions = _PLAIN,
        task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> str:
        """Scan now; the interval restarts here.

        To continue while it scans, start it in a task group: `await tasks.start(x.trigger)` returns
        when the scan has started.

        Args:
            scan_id: Id of the scan; generated if not given.
            options: What the scan does.
            task_status: Set when the scan starts.

        Returns:
            Result in one line, as stored for `status`.

        Raises:
            ScanRunningError: If a scan is running, in this process or another.
        """
        if self._scanner.running is not None or not await self._begin():
            raise ScanRunningError(self._scanner.running or "")
        task_status.started()
        return await self._scan(scan_id, options)

    async def status(self) -> ScheduleStatus:
        """Return the state of the schedule."""
        state = await self._schedule.get()
        now = self._clock.now()
        enabled = self._config.value.scheduler.enabled
        return ScheduleStatus(
            enabled=enabled,
            next_run=self._next(state, now) if enabled else None,
            last_run=state.last_run,
            last_result=state.last_result,
            is_running=state.is_held(now),
        )

    async def _is_due(self) -> bool:
        if not self._config.value.scheduler.enabled or self._scanner.running is not None:
            return False
        now = self._clock.now()
        # Another process can only delay the next scan, so a state read earlier is never too late.
        if self._known is not None and self._next(self._known, now) > now:
            return False
        self._known = state = await self._schedule.get()
        return not state.is_held(now) and self._next(state, now) <= now

    def _next(self, state: ScheduleState, now: datetime) -> datetime:
        scheduler = self._config.value.scheduler
        times = [parse_time_of_day(text) for text in scheduler.times]
        last = state.last_run
        if last is None and times:
            last = self._opened_at
        return next_run(
            last,
            now,
            interval=timedelta(minutes=scheduler.interval_minutes),
            times=times,
            zone=self._zone,
        )

    async def _scan_if_free(self) -> None:
        with acting_as("schedule"):
            if await self._begin():
                await self._scan(options=_SCHEDULED)

    async def _begin(self) -> bool:
        # Set before the first await: the storage would take a second request for a renewal of
        # the lease.
        if self._is_running:
            return False
        self._is_running = True
        try:
            self._is_running = await self._take()
        except BaseException:
            self._is_running = False
            raise
        return self._is_running

    async def _take(self) -> bool:
        now = self._clock.now()
        return await self._schedule.begin(self._holder, now=now, until=now + LEASE)

    async def _scan(self, scan_id: str | None = None, options: ScanOptions = _PLAIN) -> Message:
        result = Message("scan_interrupted")

        async def work() -> str:
            nonlocal result
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._hold_on, tasks.cancel_scope)
                result = await self._scanned(scan_id, options)
                tasks.cancel_scope.cancel()
            return result

        try:
            # The lease of the schedule excludes other scans.
            run = await self._runs.begin(TaskName.LIBRARY_SCAN, is_free=True)
            await self._runs.finish(run, work)
        finally:
            self._is_running = False
            with anyio.CancelScope(shield=True):
                await self._give_back(result)
        return result

    async def _hold_on(self, scan: anyio.CancelScope) -> None:
        """Renew the lease; cancel the scan if another process has it."""
        while True:
            await self._clock.sleep(LEASE / 4)
            try:
                held = await self._take()
            except StorageUnavailableError as error:
                self._runs.outage.failed(_COMPONENT, error)
                continue
            self._runs.outage.recovered(_COMPONENT)
            if held:
                continue
            logger.warning(
                "another process has the lease of the scheduled scan now; ending this one"
            )
            scan.cancel()

    async def _scanned(self, scan_id: str | None, options: ScanOptions) -> Message:
        # A scan of changed folders may have begun while the lease was requested.
        await self._scanner.until_free()
        try:
            report = await self._scanner.scan(
                scan_id=scan_id,
                refresh=options.refresh,
                accept_loss=options.accept_loss,
                full=options.full,
                only=options.only,
                paced=options.paced,
            )
            queued = 0
            if self._config.value.scheduler.queue_missing:
                queued += await self._missing.queue_all()
            if self._config.value.languages.upgrade:
                queued += await self._missing.queue_upgrades()
        except ScanCancelledError:
            return Message("scan_cancelled_result")
        except AniworldError as error:
            logger.warning("the scheduled scan failed: %s", error)
            return Message("scan_failed", reason=error.message)
        except Exception as error:
            # As in the worker: a bug in one adapter must not end the schedule or
            # the program. The traceback is in the log.
            logger.exception("the scheduled scan failed unexpectedly")
            return Message("scan_failed", reason=Message("unexpected", error=repr(error)))
        return _in_words(report, queued)

    async def _give_back(self, result: str) -> None:
        try:
            await self._schedule.end(self._holder, result)
        except StorageUnavailableError as error:
            self._runs.outage.failed(_COMPONENT, error)  # the lease expires


def _in_words(report: ScanReport, queued: int) -> Message:
    return Message(
        "scan_result",
        series=report.series,
        files=report.files,
        missing=report.missing,
        queued=queued or None,
        failed=len(report.failures) or None,
    )
