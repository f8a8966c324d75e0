"""The library folder on the local file system."""

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
