"""Answer a scan of an unchanged library from what the last one stored."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

import anyio
import attrs

from aniworld_core.application.library.scans.folder_map import entries_of_roots, top_of
from aniworld_core.application.library.scans.state import ScanReport
from aniworld_core.application.library.scans.surveying import Survey, Surveyed, in_turns
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import FileState, LibraryFile
from aniworld_core.domain.shared_state import ScanNote
from aniworld_core.errors import (
    LibraryBusyError,
    LibraryUnavailableError,
    StorageUnavailableError,
)
from aniworld_core.ports.change_lock import ChangeLock
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.last_scan import LastScan, StoredScan
from aniworld_core.ports.library import MediaLibrary

_NO_WAIT: Final = timedelta(0)


@attrs.frozen(kw_only=True)
class LibraryGlance:
    """Looks at what a scan of the disk looks at, without what the scan would do about changes.

    A command that scans an unchanged library needs no series, no catalogues and no rules for names;
    to load them takes several times as long as to look. Whenever something is not as the last scan
    left it, or cannot be read, the answer is `None`, and the scan decides.
    """

    _library: MediaLibrary
    _last: LastScan
    _lock: ChangeLock
    _clock: Clock

    async def report(self) -> ScanReport | None:
        """Return what a scan would report, and note it for other processes.

        Returns:
            The report; `None` if a scan may find a change.
        """
        try:
            async with self._lock.hold(_NO_WAIT):
                return await self._report()
        except (LibraryBusyError, LibraryUnavailableError, StorageUnavailableError):
            return None

    async def _report(self) -> ScanReport | None:
        started, started_at = anyio.current_time(), self._clock.now()
        stored = await self._last.result()
        if stored is None or not await self._is_unchanged(stored):
            return None
        report = ScanReport(
            scan_id=uuid.uuid4().hex,
            series=len(stored.series),
            files=sum(n for state, n in stored.counts.items() if state is not FileState.IGNORED),
            missing=stored.missing,
            extra=tuple(
                file.path
                for file in stored.noted
                if file.state is FileState.EXTRA and not _is_unreadable(file)
            ),
            unreadable=_reasons(file for file in stored.noted if _is_unreadable(file)),
            unsure=_reasons(file for file in stored.noted if file.state is FileState.UNSURE),
            counts=stored.counts,
            failures={},
            duration_seconds=anyio.current_time() - started,
        )
        note = ScanNote(
            process=uuid.uuid4().hex,
            scan_id=report.scan_id,
            status="completed",
            started_at=started_at,
            noted_at=self._clock.now(),
            series=report.series,
            files=report.files,
            missing=report.missing,
        )
        await self._last.note(note)
        return report

    async def _is_unchanged(self, stored: StoredScan) -> bool:
        if not any(stored.counts.values()):
            return False  # nothing was scanned yet
        roots = await self._library.roots()
        if any(root.problem for root in roots):
            return False
        survey = Survey(library=self._library, files=self._last, checks=None, clock=self._clock)
        surveyed = await survey.look(roots, stored.series, is_full=False, only=None)
        names = {root.name for root in roots}
        known = {p: why for p, why in stored.ignored.items() if p.rpartition("/")[0] in names}
        return (
            not surveyed.changed
            and not surveyed.gone
            and surveyed.with_files == names
            and entries_of_roots(roots) == known
            and not await self._is_folder_lost(surveyed, stored.series)
        )

    async def _is_folder_lost(
        self, surveyed: Surveyed, series: Mapping[SeriesKey, FolderName]
    ) -> bool:
        """Return whether files of series lie in folders that no scan has stored.

        As a scan does, it looks at all series without a stored folder, and at others in turns.
        """
        owners = surveyed.map.owners
        unseen = series.keys() - owners
        others = sorted(series.keys() & owners)
        chosen = map(SeriesKey, in_turns(others, self._clock))
        found = await self._last.files_of([*unseen, *chosen])
        return any(
            key in unseen or top_of(path, surveyed.roots) not in surveyed.seen
            for key, paths in found.items()
            for path in paths
        )


def _is_unreadable(file: LibraryFile) -> bool:
    is_outside = file.reason is not None and file.reason.kind == "link_outside"
    return file.state is FileState.DAMAGED or is_outside


def _reasons(files: Iterable[LibraryFile]) -> dict[str, str]:
    return {file.path: file.reason or "" for file in files}
