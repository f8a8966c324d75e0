"""Say by hand which episode a file is."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from aniworld_core.application.library.resettling import resettle
from aniworld_core.application.library.scans.state import ScanContext
from aniworld_core.application.library.series_on_disk import SeriesOnDisk
from aniworld_core.domain.catalogue import Series, select_episodes
from aniworld_core.domain.identity import EpisodeSelection, SeriesKey
from aniworld_core.domain.library import FileState, FolderContents, LibraryFile, is_opaque_name
from aniworld_core.errors import UnsafePathError
from aniworld_core.messages import Message


@attrs.define(eq=False, kw_only=True)
class FilePins:
    """Pins files to episodes; scans never change a pin."""

    _context: ScanContext
    _on_disk: SeriesOnDisk

    async def pin(
        self, path: str, selection: EpisodeSelection, *, key: SeriesKey | None = None
    ) -> LibraryFile:
        """Make a file the file of an episode, or of a range of them; the newest pin counts.

        Args:
            path: Stored path of the file, or its absolute path.
            selection: The episodes.
            key: Their series; by default the one to which the last scan assigned the file.

        Raises:
            SeriesNotFoundError: If there is no such series.
            EpisodeNotFoundError: If the series has no such episode.
            UnsafePathError: If the file is damaged or in no folder of the series.
            LibraryUnavailableError: If the library cannot be read.
        """
        path = self._stored(path)
        record = (await self._context.files.get([path])).get(path)
        owner = key or (record.series_key if record else None)
        if owner is None:
            raise UnsafePathError(path, Message("pin_unassigned"))
        series = await self._context.series.get(owner)
        numbers = tuple(each.number for each in select_episodes(series, [selection]))
        contents = await self._on_disk.folders(series)
        found = {each.path_of(file.path): file for each in contents for file in each.files}
        if path not in found:
            raise UnsafePathError(path, Message("pin_elsewhere", name=series.name))
        if not is_opaque_name(path):
            for reason in (await self._context.library.check([path])).values():
                raise UnsafePathError(path, reason)
        pinned = LibraryFile(
            path=path,
            size=found[path].size,
            modified_ns=found[path].modified_ns,
            state=FileState.PRESENT,
            series_key=series.key,
            season=selection.season,
            numbers=numbers,
            pinned=True,
        )
        records = {
            other: attrs.evolve(file, pinned=file.pinned and not _overlap(file, pinned))
            for other, file in (await self._on_disk.records(series)).items()
        }
        return await self._settled(series, contents, {**records, path: pinned}, path)

    async def unpin(self, path: str) -> LibraryFile:
        """Let the name of a file decide again.

        Raises:
            UnsafePathError: If it is not pinned.
            LibraryUnavailableError: If the library cannot be read.
        """
        path = self._stored(path)
        record = (await self._context.files.get([path])).get(path)
        if record is None or not record.pinned or record.series_key is None:
            raise UnsafePathError(path, Message("pin_missing"))
        series = await self._context.series.get(record.series_key)
        records = await self._on_disk.records(series)
        free = attrs.evolve(record, pinned=False, linked=False)
        contents = await self._on_disk.folders(series)
        return await self._settled(series, contents, {**records, path: free}, path)

    async def _settled(
        self,
        series: Series,
        contents: Sequence[FolderContents],
        records: Mapping[str, LibraryFile],
        path: str,
    ) -> LibraryFile:
        """Match the series again, and store what concerns the file."""
        return (await resettle(self._context, series, contents, records, {path}))[path]

    def _stored(self, path: str) -> str:
        root = self._context.library.root
        return (
            path
            if not Path(path).is_relative_to(root)
            else self._context.library.relative(Path(path))
        )


def _overlap(one: LibraryFile, other: LibraryFile) -> bool:
    return one.season == other.season and bool({*one.numbers} & {*other.numbers})
