"""Compare the library folder with the catalogues."""

import uuid
from collections.abc import Callable, Sequence

import anyio
import attrs

from aniworld_core.application.catalogue import Catalogue
from aniworld_core.application.library.folder_match import FolderMatch, match_folder, path_in
from aniworld_core.application.library.scans.notes import ScanNotes
from aniworld_core.application.library.scans.policy import ScanPolicy, in_turn
from aniworld_core.application.library.scans.refresh_failures import RefreshFailures
from aniworld_core.application.library.scans.state import ScanReport, ScanState, ScanStatus
from aniworld_core.domain.catalogue import Series, missing_episodes
from aniworld_core.domain.downloads import Failure
from aniworld_core.domain.library import fold_name
from aniworld_core.errors import (
    AniworldError,
    LibraryUnavailableError,
    ScanCancelledError,
    ScanRunningError,
    SetupError,
    StorageUnavailableError,
)
from aniworld_core.events import ScanCompleted, ScanFailed, ScanProgressed, ScanStarted
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import FolderContents, MediaLibrary
from aniworld_core.ports.series import SeriesRepository

__all__ = ["LibraryScanner", "ScanReport", "ScanState", "ScanStatus"]


@attrs.define(eq=False, kw_only=True)
class LibraryScanner:
    """Refresh series from catalogues, read their folders, and store the changes."""

    _catalogue: Catalogue
    _series: SeriesRepository
    _library: MediaLibrary
    _bus: ProgressBus
    _clock: Clock
    _notes: ScanNotes | None = None
    _new_id: Callable[[], str] = attrs.field(default=lambda: uuid.uuid4().hex)
    _state: ScanState = attrs.field(factory=ScanState, init=False)
    _scope: anyio.CancelScope | None = attrs.field(default=None, init=False)

    @property
    def running(self) -> str | None:
        """Return the id of the running scan, if there is one."""
        return self._state.scan_id if self._state.status is ScanStatus.RUNNING else None

    @property
    def state(self) -> ScanState:
        """Return the running scan of this process, or the last one."""
        return self._state

    def cancel(self) -> bool:
        """Cancel the running scan and return whether there was one; its results so far are kept."""
        if self._scope is None:
            return False
        self._scope.cancel()
        return True

    async def scan(
        self, *, refresh: bool = True, scan_id: str | None = None, accept_loss: bool = False
    ) -> ScanReport:
        """Update the library from catalogues and disk.

        A catalogue that fails is named in the report and the scan continues. A library folder that
        is missing, or empty although it had files, changes nothing. A cancelled scan keeps its
        results so far.

        Args:
            refresh: Request the catalogues; otherwise only the disk is read.
            scan_id: Id of the scan; generated if not given.
            accept_loss: Also scan a library folder that was emptied on purpose.

        Raises:
            ScanRunningError: If a scan is running.
            ScanCancelledError: If it was cancelled by `cancel`.
            LibraryNotSetError: If no library folder is set.
            LibraryUnavailableError: If the folder cannot be read, or looks unmounted.
        """
        if self.running is not None:
            raise ScanRunningError(self.running)
        scan_id = scan_id or self._new_id()
        self._state = ScanState(
            status=ScanStatus.RUNNING, scan_id=scan_id, started_at=self._clock.now()
        )
        await self._bus.publish(ScanStarted(scan_id=scan_id, at=self._clock.now()))
        if self._notes is None:
            return await self._concluded(scan_id, refresh=refresh, accept_loss=accept_loss)
        async with self._notes.following(lambda: self._state):
            return await self._concluded(scan_id, refresh=refresh, accept_loss=accept_loss)

    async def _concluded(self, scan_id: str, *, refresh: bool, accept_loss: bool) -> ScanReport:
        """Scan, and set and publish the result."""
        try:
            report = await self._cancellable(scan_id, refresh=refresh, accept_loss=accept_loss)
        except AniworldError as error:
            self._end(_ending(error), failure=Failure.of(error))
            await self._bus.publish(
                ScanFailed(scan_id=scan_id, failure=Failure.of(error), at=self._clock.now())
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
                at=self._clock.now(),
            )
        )
        return report

    async def _cancellable(self, scan_id: str, *, refresh: bool, accept_loss: bool) -> ScanReport:
        try:
            with anyio.CancelScope() as self._scope:
                return await self._scan(
                    scan_id, anyio.current_time(), refresh=refresh, accept_loss=accept_loss
                )
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
            self._state, status=status, ended_at=self._clock.now(), report=report, failure=failure
        )

    async def _scan(
        self, scan_id: str, started: float, *, refresh: bool, accept_loss: bool
    ) -> ScanReport:
        known = in_turn(await self._series.find(), int(self._clock.now().timestamp() // 3600))
        policy = ScanPolicy.for_series(self._catalogue, known)
        contents = await self._survey(known, accept_loss=accept_loss)
        failures = RefreshFailures()
        matches: list[FolderMatch] = []
        updated: list[Series] = []
        try:
            for done, stored in enumerate(known, start=1):
                series = await self._refreshed(stored, policy, failures) if refresh else stored
                match = match_folder(series, contents.pop(fold_name(series.folder), None))
                series = await self._settled(match)
                matches.append(match)
                updated.append(series)
                self._state = attrs.evolve(
                    self._state, done=done, total=len(known), key=series.key, folder=series.folder
                )
                await self._bus.publish(
                    ScanProgressed(
                        scan_id=scan_id,
                        done=done,
                        total=len(known),
                        key=series.key,
                        folder=series.folder,
                        at=self._clock.now(),
                    )
                )
        finally:
            failures.tell()
        strangers = list(contents.values())
        extra = [f for m in matches for f in m.extra]
        extra += [path_in(c.folder, name) for c in strangers for name in c.names]
        unreadable = {f: why for m in matches for f, why in m.unreadable.items()}
        unreadable |= {
            path_in(c.folder, name): why for c in strangers for name, why in c.unreadable
        }
        unreadable |= await self._library.check(extra)
        return ScanReport(
            scan_id=scan_id,
            series=len(updated),
            files=sum(m.files for m in matches) + sum(len(c.files) for c in strangers),
            missing=sum(len(missing_episodes(s)) for s in updated),
            extra=tuple(sorted(f for f in extra if f not in unreadable)),
            unreadable=dict(sorted(unreadable.items())),
            failures=failures.by_series,
            duration_seconds=anyio.current_time() - started,
        )

    async def _survey(
        self, known: Sequence[Series], *, accept_loss: bool
    ) -> dict[str, FolderContents]:
        stamps = {str(s.folder): s.folder_stamp for s in known if s.folder_stamp is not None}
        found: dict[str, FolderContents] = {}
        async for batch in self._library.survey(stamps):
            found |= {fold_name(contents.folder): contents for contents in batch}
        held = sum(e.downloaded for s in known for e in s.episodes)
        is_empty = not any(c.files or c.is_unchanged for c in found.values())
        if held and is_empty and not accept_loss:
            raise LibraryUnavailableError(
                str(self._library.root),
                Message("library_emptied", episodes=held),
                hint=Message("library_emptied.hint"),
            )
        return found

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

    async def _settled(self, match: FolderMatch) -> Series:
        """Check new files and store the changes."""
        bad = await self._library.check(match.new_files)
        if bad:
            match.reject(bad)
        if match.series != match.stored:
            await self._series.save(match.series)
        return match.series


def _ending(error: BaseException) -> ScanStatus:
    is_failure = isinstance(error, Exception) and not isinstance(error, ScanCancelledError)
    return ScanStatus.FAILED if is_failure else ScanStatus.CANCELLED
