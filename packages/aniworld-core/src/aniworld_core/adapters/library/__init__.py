"""The library folder on the local file system."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_core.adapters.library.changes import LocalFileOperations
    from aniworld_core.adapters.library.configured import ConfiguredLibrary
    from aniworld_core.adapters.library.container_marks import container_problem
    from aniworld_core.adapters.library.directory import DirectoryLibrary
    from aniworld_core.adapters.library.folders.check import folder_problem
    from aniworld_core.adapters.library.legacy_data_files import MAX_BYTES, LegacyDataFiles

__all__ = [
    "MAX_BYTES",
    "ConfiguredLibrary",
    "DirectoryLibrary",
    "LegacyDataFiles",
    "LocalFileOperations",
    "container_problem",
    "folder_problem",
]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "changes": ("LocalFileOperations",),
        "configured": ("ConfiguredLibrary",),
        "container_marks": ("container_problem",),
        "directory": ("DirectoryLibrary",),
        "folders.check": ("folder_problem",),
        "legacy_data_files": ("MAX_BYTES", "LegacyDataFiles"),
    },
)
