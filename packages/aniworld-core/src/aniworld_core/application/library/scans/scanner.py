"""Compare the library folder with the catalogues."""

import math
import uuid
from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack
from typing import Final

import anyio
import attrs

from aniworld_core.application.catalogue import Catalogue
from aniworld_core.application.library.scans.comparison import Comparison
from aniworld_core.application.library.scans.notes import ScanNotes
from aniworld_core.application.library.scans.policy import RefreshFailures, ScanPolicy, in_turn
from aniworld_core.application.library.scans.run import BATCH, batches_with_ends
from aniworld_core.application.library.scans.state import (
    ScanContext,
    ScanOptions,
    ScanReport,
    ScanState,
    ScanStatus,
)
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import Failure
from aniworld_core.errors import (
    AniworldError,
    ScanCancelledError,
    ScanRunningError,
    SetupError,
    StorageUnavailableError,
)
from aniworld_core.events import ScanCompleted, ScanFailed, ScanProgressed, ScanStarted
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.change_lock import ChangeLock

__all__ = ["LibraryScanner", "ScanOptions", "ScanReport", "ScanState", "ScanStatus"]


#: Seconds between two published steps of a scan.
_PUBLISH_SECONDS: Final = 0.1
#: Seconds after which the results of a slow scan are stored.
_FLUSH_SECONDS: Final = 2.0


@attrs.define(eq=False, kw_only=True)
class LibraryScanner:
    """Refresh series from catalogues, read their folders, and store the changes.

    The folders are read while no other process or task changes library files, so a rename is seen
    as a whole. A scan of the disk alone also stores its results before the next change begins;
    requests to catalogues can take hours, so changes may run between them.
    """

    _catalogue: Catalogue
    _context: ScanContext
    _bus: ProgressBus
    _lock: ChangeLock
    _notes: ScanNotes | None = None
    _new_id: Callable[[], str] = attrs.field(default=lambda: uuid.uuid4().hex)
    _state: ScanState = attrs.field(factory=ScanState, init=False)
    _published_at: float = attrs.field(default=-math.inf, init=False)
    _scope: anyio.CancelScope | None = attrs.field(default=None, init=False)
    _ended: anyio.Event = attrs.field(factory=anyio.Event, init=False)

    @property
    def running(self) -> str | None:
        """Return the id of the running scan, if there is one."""
        return self._state.scan_id if self._state.status is ScanStatus.RUNNING else None

    @property
    def state(self) -> ScanState:
        """Return the running scan of this process, or the last one."""
        return self._state

    async def until_free(self) -> None:
        """Wait until no scan runs."""
        while self.running is not None:
            await self._ended.wait()

    def cancel(self) -> bool:
        """Cancel the running scan and return whether there was one; its results so far are kept."""
        if self._scope is None:
            return False
        self._scope.cancel()
        return True

    async def scan(
        self,
        *,
        refresh: bool = True,
        scan_id: str | None = None,
        accept_loss: bool = False,
        full: bool = False,
        only: Collection[str] | None = None,
        paced: bool = False,
    ) -> ScanReport:
        """Update the library from catalogues and disk.

        A catalogue that fails is named in the report and the scan continues. A part of the library
        in which too much is gone stays as it was and is named in the report. A cancelled scan keeps
        its results so far.

        Args:
            refresh: Request the catalogues; otherwise only the disk is read.
            scan_id: Id of the scan; generated if not given.
            accept_loss: Files that are gone were removed on purpose, however many.
            full: Read all folders and check all files again, not only what changed.
            only: Stored paths of the only folders to read, or `None` for the whole library.
            paced: Do not request the catalogue for series of which nothing new is expected.

        Raises:
            ScanRunningError: If a scan is running.
            ScanCancelledError: If it was cancelled by `cancel`.
            LibraryNotSetError: If no library folder is set.
            LibraryUnavailableError: If no library folder can be read, or the only one looks
                unmounted.
        """
        options = ScanOptions(
            refresh=refresh,
            paced=paced,
            full=full,
            accept_loss=accept_loss,
            only=None if only is None else tuple(sorted(only)),
        )
        if self.running is not None:
            raise ScanRunningError(self.running)
        scan_id = scan_id or self._new_id()
        self._ended = anyio.Event()
        self._state = ScanState(
            status=ScanStatus.RUNNING, scan_id=scan_id, started_at=self._context.clock.now()
        )
        try:
            await self._bus.publish(ScanStarted(scan_id=scan_id, at=self._context.clock.now()))
            if self._notes is None:
                return await self._concluded(scan_id, options)
            async with self._notes.following(lambda: self._state):
                return await self._concluded(scan_id, options)
        except BaseException as error:
            if self._state.status is ScanStatus.RUNNING:  # it was cancelled before it began
                self._end(_ending(error))
            raise

    async def _concluded(self, scan_id: str, options: ScanOptions) -> ScanReport:
        """Scan, and set and publish the result."""
        try:
            report = await self._cancellable(scan_id, options)
        except AniworldError as error:
            self._end(_ending(error), failure=Failure.of(error))
            await self._bus.publish(
                ScanFailed(scan_id=scan_id, failure=Failure.of(error), at=self._context.clock.now())
            )
            raise
        except BaseException as error:
            self._end(_ending(error))
            raise
        self._end(ScanStatus.COMPLETED, report=report)
        await self._bus.publish(
            ScanCompleted(
                scan_id=scan_id,
                series=report.series,
                files=report.files,
                missing=report.missing,
                at=self._context.clock.now(),
            )
        )
        return report

    async def _cancellable(self, scan_id: str, options: ScanOptions) -> ScanReport:
        try:
            with anyio.CancelScope() as self._scope:
                return await self._scan(scan_id, anyio.current_time(), options)
            raise ScanCancelledError(scan_id)
        finally:
            self._scope = None

    def _end(
        self,
        status: ScanStatus,
        *,
        report: ScanReport | None = None,
        failure: Failure | None = None,
    ) -> None:
        self._state = attrs.evolve(
            self._state,
            status=status,
            ended_at=self._context.clock.now(),
            report=report,
            failure=failure,
        )
        self._ended.set()

    async def _scan(self, scan_id: str, started: float, options: ScanOptions) -> ScanReport:
        failures = RefreshFailures()
        comparison = self._comparison(options)
        async with AsyncExitStack() as lock:
            await lock.enter_async_context(self._lock.hold(None))
            await comparison.begin()
            if options.refresh:
                await lock.aclose()
            try:
                if options.refresh:
                    await self._with_catalogues(scan_id, comparison, failures, options)
                else:
                    await self._on_disk(scan_id, comparison)
            finally:
                with anyio.CancelScope(shield=True):
                    await comparison.flush()
                failures.tell()
            result = await comparison.finish()
        return ScanReport(
            scan_id=scan_id,
            failures=failures.by_series,
            duration_seconds=anyio.current_time() - started,
            **attrs.asdict(result, recurse=False),
        )

    def _comparison(self, options: ScanOptions) -> Comparison:
        return Comparison(context=self._context, options=options)

    async def _on_disk(self, scan_id: str, comparison: Comparison) -> None:
        keys = sorted(comparison.due)
        for done, batch in batches_with_ends(keys, BATCH):
            found = await self._context.series.get_many(batch)
            await comparison.settle(found)
            await self._progressed(scan_id, done, len(keys), found[-1] if found else None)

    async def _with_catalogues(
        self, scan_id: str, comparison: Comparison, failures: RefreshFailures, options: ScanOptions
    ) -> None:
        heads = in_turn(
            await self._context.series.heads(), int(self._context.clock.now().timestamp() // 3600)
        )
        policy = ScanPolicy.for_series(self._catalogue, heads, is_paced=options.paced)
        ready: list[Series] = []
        flushed_at = anyio.current_time()
        try:
            for done, head in enumerate(heads, start=1):
                stored = next(iter(await self._context.series.get_many([head.key])), None)
                if stored is None:
                    continue  # it was removed in the meantime
                series = await self._refreshed(stored, policy, failures)
                if series.key in comparison.due or _places(series) != _places(stored):
                    ready.append(series)
                if len(ready) >= BATCH or anyio.current_time() - flushed_at > _FLUSH_SECONDS:
                    await self._settle_later(comparison, ready)
                    ready, flushed_at = [], anyio.current_time()
                await self._progressed(scan_id, done, len(heads), series)
        finally:
            # A cancelled scan keeps its results so far.
            with anyio.CancelScope(shield=True):
                await self._settle_later(comparison, ready)

    async def _settle_later(self, comparison: Comparison, series: Sequence[Series]) -> None:
        """Match series as they are stored now; files may have changed since they were read."""
        if series:
            async with self._lock.hold(None):
                keys = [each.key for each in series]
                await comparison.settle(await self._context.series.get_many(keys))

    async def _progressed(self, scan_id: str, done: int, total: int, series: Series | None) -> None:
        """Update the state; publish it at most ten times a second, and at the end."""
        key, folder = (series.key, series.folder) if series else (None, None)
        self._state = attrs.evolve(self._state, done=done, total=total, key=key, folder=folder)
        now = anyio.current_time()
        if done < total and now - self._published_at < _PUBLISH_SECONDS:
            return
        self._published_at = now
        await self._bus.publish(
            ScanProgressed(
                scan_id=scan_id,
                done=done,
                total=total,
                key=key,
                folder=folder,
                at=self._context.clock.now(),
            )
        )

    async def _refreshed(
        self, stored: Series, policy: ScanPolicy, failures: RefreshFailures
    ) -> Series:
        try:
            return await policy.refresh(stored)
        except (SetupError, StorageUnavailableError):
            raise
        except AniworldError as error:
            failures.note(stored, error)
            return stored


def _places(series: Series) -> set[tuple[int, int, int | None]]:
    return {(e.season, e.number, e.last_number) for e in series.episodes}


def _ending(error: BaseException) -> ScanStatus:
    is_failure = isinstance(error, Exception) and not isinstance(error, ScanCancelledError)
    return ScanStatus.FAILED if is_failure else ScanStatus.CANCELLED
