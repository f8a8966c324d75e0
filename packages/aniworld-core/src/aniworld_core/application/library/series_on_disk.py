"""The files of one stored series as they are on disk now, also those that no scan has seen."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

import attrs

from aniworld_core.application.library.existing_folders import ExistingFolders
from aniworld_core.application.library.scans.folder_map import top_of
from aniworld_core.application.library.scans.loss_guard import root_of
from aniworld_core.application.library.scans.placing import FolderPlacing
from aniworld_core.application.library.scans.state import ScanContext
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.library import FileMatch, FolderContents, LibraryFile, match_episodes
from aniworld_core.errors import LibraryUnavailableError
from aniworld_core.messages import Message

#: Time between two looks at a file that may still be growing.
_WAIT: Final = timedelta(seconds=0.25)


@attrs.define(eq=False, kw_only=True)
class SeriesOnDisk:
    """Reads the folders of one series; much cheaper than a scan."""

    _existing: ExistingFolders
    _context: ScanContext

    async def folders(self, series: Series) -> Sequence[FolderContents]:
        """Return the folders of a stored series with their files.

        Folders in roots that cannot be read are left out.

        Raises:
            LibraryNotSetError: If no library folder is set.
            LibraryUnavailableError: If the main library folder cannot be read.
        """
        library = self._context.library
        roots = await library.roots()
        folders = await self._context.series.folders()
        taken = [folder for key, folder in folders.items() if key != series.key]
        known = await self.records(series)
        near = await self._existing.near(series, taken)
        files = [*known, *(episode.file for episode in series.episodes if episode.file)]
        places = [*files, *(f"{path}/" for path in (series.folder, *series.other_folders, *near))]
        closed = {root.name for root in roots if root.problem}
        tops = {top_of(path, roots) for path in places if root_of(path, roots) not in closed}
        tops |= {root.name for root in roots if root.name not in closed}
        read = [each for each in await library.read_folders(tops) if each.files]
        placing = FolderPlacing(library, self._context.series, folders)
        placed = await placing.place(read)
        return [part.contents for part in placed if part.owner.key == series.key]

    async def records(self, series: Series) -> Mapping[str, LibraryFile]:
        """Return what is stored about the files of a series, by stored path."""
        found = await self._context.files.of_series(series.key)
        return {file.path: file for file in found}

    async def find(self, series: Series, season: int, number: int) -> FileMatch | None:
        """Return a sound file of an episode, whatever its name; `None` without one.

        Damaged files and files that are still growing do not count.

        Args:
            series: A stored series.
            season: Season of the episode.
            number: Its number.

        Raises:
            LibraryNotSetError: If no library folder is set.
            LibraryUnavailableError: If the main library folder cannot be read, or the folder of the
                series is empty now although it had files: its disk may not be mounted.
        """
        await self._require_files(series)
        contents = await self.folders(series)
        known = await self.records(series)
        wanted = series.languages or self._context.config.value.languages.order
        unusable: set[str] = set()
        while True:
            result = match_episodes(series, contents, known=known, wanted=wanted, unusable=unusable)
            match = result.chosen.get((season, number))
            if match is None or match.is_opaque:
                return match
            is_bad = await self._context.library.check([match.path])
            if not is_bad and not await self.is_growing(match.path):
                return match
            unusable.add(match.path)

    async def _require_files(self, series: Series) -> None:
        """Refuse an empty root that had files: a download would be written below a mount point."""
        roots = await self._context.library.roots()
        held = [episode.file for episode in series.episodes if episode.file]
        places = {root_of(path, roots) for path in held} or {""}
        empty = [r for r in roots if r.name in places and not r.problem and not r.folders]
        counts = await self._context.series.file_counts([r.name for r in empty]) if empty else {}
        for root in empty:
            if counts[root.name]:
                raise LibraryUnavailableError(
                    root.path,
                    Message("library_emptied", episodes=counts[root.name]),
                    hint=Message("library_emptied.hint"),
                )

    async def is_growing(self, file: str) -> bool:
        """Return whether size or time of a file change while it is looked at."""
        before = await self._context.library.stat([file])
        await self._context.clock.sleep(_WAIT)
        return await self._context.library.stat([file]) != before
