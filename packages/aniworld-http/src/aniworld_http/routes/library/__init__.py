"""Scans, bulk jobs and /api/library: folders, files, and changes of them that can be undone."""

from typing import Final

from aniworld_http.operations import Operation
from aniworld_http.routes.library import (
    adoption,
    changes,
    files,
    folder,
    jobs,
    playback,
    scans,
    upgrades,
)

OPERATIONS: Final[tuple[Operation, ...]] = (
    *adoption.OPERATIONS,
    *changes.OPERATIONS,
    *files.OPERATIONS,
    *jobs.OPERATIONS,
    *scans.OPERATIONS,
    *playback.OPERATIONS,
    *folder.OPERATIONS,
    *upgrades.OPERATIONS,
)

__all__ = ["OPERATIONS"]
