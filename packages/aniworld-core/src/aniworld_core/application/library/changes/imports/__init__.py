"""Imports of foreign folders: match their files, correct matches by hand, plan the change."""

from aniworld_core.application.library.changes.imports.planner import ImportPlanner
from aniworld_core.application.library.changes.imports.request import (
    HeldPolicy,
    ImportCorrection,
    ImportDraft,
    ImportGroup,
    ImportMatch,
    ImportRequest,
)

__all__ = [
    "HeldPolicy",
    "ImportCorrection",
    "ImportDraft",
    "ImportGroup",
    "ImportMatch",
    "ImportPlanner",
    "ImportRequest",
]
