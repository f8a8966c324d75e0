"""Imports of foreign folders: match their files, correct matches by hand, plan the change."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
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

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "planner": ("ImportPlanner",),
        "request": (
            "HeldPolicy",
            "ImportCorrection",
            "ImportDraft",
            "ImportGroup",
            "ImportMatch",
            "ImportRequest",
        ),
    },
)
