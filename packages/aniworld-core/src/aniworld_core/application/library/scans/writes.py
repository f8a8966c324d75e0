"""Store the results of a scan in few transactions."""

from collections.abc import Iterable

import attrs

from aniworld_core.application.library.scans.settling import Settled
from aniworld_core.domain.library import LibraryFile, LibraryFolder
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.ports.series import SeriesRepository


@attrs.define(eq=False)
class ScanWrites:
    """Collects changes until `flush`.

    Series are stored first and the stamps of folders last: after a crash in between, the next scan
    reads the folders again.
    """

    _series: SeriesRepository
    _files: LibraryFileRepository
    _settled: list[Settled] = attrs.field(factory=list, init=False)
    _records: list[LibraryFile] = attrs.field(factory=list, init=False)
    _forgotten: list[str] = attrs.field(factory=list, init=False)
    _folders: list[LibraryFolder] = attrs.field(factory=list, init=False)
    _gone: list[str] = attrs.field(factory=list, init=False)

    def add(self, settled: Settled, folders: Iterable[LibraryFolder] = ()) -> None:
        """Add the result for one series with the stamps of its folders."""
        if not settled.is_empty:
            self._settled.append(settled)
        self._folders += folders

    def add_records(self, records: Iterable[LibraryFile], forgotten: Iterable[str] = ()) -> None:
        """Add records of files that belong to no series."""
        self._records += records
        self._forgotten += forgotten

    def add_folders(self, folders: Iterable[LibraryFolder], gone: Iterable[str] = ()) -> None:
        """Add stamps of folders."""
        self._folders += folders
        self._gone += gone

    async def flush(self) -> None:
        """Store everything collected so far.

        Raises:
            StorageUnavailableError: If it cannot be stored.
        """
        settled, self._settled = self._settled, []
        records, self._records = self._records, []
        forgotten, self._forgotten = self._forgotten, []
        folders, self._folders = self._folders, []
        gone, self._gone = self._gone, []
        for each in settled:
            records += each.saved
            forgotten += each.forgotten
        saved = {record.path for record in records}
        await self._series.save_many([(each.before, each.after) for each in settled])
        await self._files.forget([path for path in forgotten if path not in saved])
        await self._files.save(records)
        await self._files.save_folders(folders, gone=gone)
