"""Match folders to series and files to episodes, as pure functions.

`FolderIndex` finds the series of a folder, `place_folders` divides the folders of a library among
the series, and `match_episodes` finds the episodes of the files of one series.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.domain.library.matching.entries import (
        EntryCandidate,
        is_doubted,
        rank_entries,
        sure_entry,
    )
    from aniworld_core.domain.library.matching.episodes import match_episodes
    from aniworld_core.domain.library.matching.folder_names import (
        FolderTitle,
        read_folder_name,
        split_title,
    )
    from aniworld_core.domain.library.matching.folders import (
        FolderIndex,
        FolderOwner,
        FolderRule,
    )
    from aniworld_core.domain.library.matching.folding import TitleKeys, same_title, title_keys
    from aniworld_core.domain.library.matching.marks import NFO_LIMIT, FolderMarks, nfo_marks
    from aniworld_core.domain.library.matching.placing import (
        GROUPING_DEPTH,
        PlacedFolder,
        PlacedFolders,
        marked_paths,
        place_folders,
    )
    from aniworld_core.domain.library.matching.results import FileMatch, SeriesFiles
    from aniworld_core.domain.library.matching.versions import height_in_name

__all__ = [
    "GROUPING_DEPTH",
    "NFO_LIMIT",
    "EntryCandidate",
    "FileMatch",
    "FolderIndex",
    "FolderMarks",
    "FolderOwner",
    "FolderRule",
    "FolderTitle",
    "PlacedFolder",
    "PlacedFolders",
    "SeriesFiles",
    "TitleKeys",
    "height_in_name",
    "is_doubted",
    "marked_paths",
    "match_episodes",
    "nfo_marks",
    "place_folders",
    "rank_entries",
    "read_folder_name",
    "same_title",
    "split_title",
    "sure_entry",
    "title_keys",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "entries": ("EntryCandidate", "is_doubted", "rank_entries", "sure_entry"),
        "episodes": ("match_episodes",),
        "folder_names": ("FolderTitle", "read_folder_name", "split_title"),
        "folders": ("FolderIndex", "FolderOwner", "FolderRule"),
        "folding": ("TitleKeys", "same_title", "title_keys"),
        "marks": ("NFO_LIMIT", "FolderMarks", "nfo_marks"),
        "placing": (
            "GROUPING_DEPTH",
            "PlacedFolder",
            "PlacedFolders",
            "marked_paths",
            "place_folders",
        ),
        "results": ("FileMatch", "SeriesFiles"),
        "versions": ("height_in_name",),
    },
)
