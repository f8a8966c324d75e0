"""Find the series of surveyed folders; the index of all series is only built when needed."""

from collections.abc import Mapping, Sequence

import anyio.to_thread
import attrs

from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import (
    FolderContents,
    FolderIndex,
    FolderOwner,
    FolderRule,
    PlacedFolder,
    fold_name,
    marked_paths,
    place_folders,
    season_of_folder,
)
from aniworld_core.ports.library import MediaLibrary
from aniworld_core.ports.series import SeriesRepository


@attrs.define(eq=False)
class FolderPlacing:
    """Places folders among the stored series.

    Args:
        library: Library folders.
        series: Storage of the series.
        folders: Folder of every series.
    """

    _library: MediaLibrary
    _series: SeriesRepository
    _folders: Mapping[SeriesKey, FolderName]
    _by_folder: dict[str, SeriesKey] = attrs.field(init=False)
    _index: FolderIndex | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._by_folder = {}
        for key in sorted(self._folders):
            self._by_folder.setdefault(fold_name(self._folders[key]), key)

    async def place(self, folders: Sequence[FolderContents]) -> list[PlacedFolder]:
        """Return the folders, or parts of them, with their series."""
        placed: list[PlacedFolder] = []
        rest: list[FolderContents] = []
        for contents in folders:
            key = self._by_folder.get(fold_name(contents.folder)) if contents.folder else None
            if key is None or not _has_only_seasons(contents):
                rest.append(contents)
            else:
                owner = FolderOwner(key=key, rule=FolderRule.STORED)
                placed.append(PlacedFolder(contents, owner))
        if rest:
            if self._index is None:
                heads = await self._series.heads()
                self._index = await anyio.to_thread.run_sync(FolderIndex.of, heads)
            paths = [path for contents in rest for path in marked_paths(contents)]
            marks = await self._library.folder_marks(paths)
            # Reading many names takes long: in a worker thread, the event loop keeps its turns.
            found = await anyio.to_thread.run_sync(place_folders, self._index, rest, marks)
            placed += (part for parts in found.owned.values() for part in parts)
            placed += (*found.unsure, *found.strangers)
        return placed


def _has_only_seasons(contents: FolderContents) -> bool:
    """Return whether no subfolder can be the folder of another series."""
    return all(
        season_of_folder(file.path.partition("/")[0]) is not None
        for file in contents.files
        if "/" in file.path
    )
