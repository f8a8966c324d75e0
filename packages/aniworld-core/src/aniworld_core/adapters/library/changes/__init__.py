"""Apply single steps of library changes to the file system; see ports/file_operations.py."""

from aniworld_core.adapters.library.changes.operations import LocalFileOperations

__all__ = ["LocalFileOperations"]
