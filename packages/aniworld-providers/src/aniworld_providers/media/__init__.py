"""Media files: identify, inspect and check them, and copy streams into containers."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aniworld_core.lazy_names import lazy_names

if TYPE_CHECKING:
    from aniworld_providers.media.probe.inspect import inspect_file
    from aniworld_providers.media.probe.inspector import PyAvInspector, open_inspector

__all__ = ["PyAvInspector", "inspect_file", "open_inspector"]

__getattr__: Callable[[str], Any]
__dir__: Callable[[], list[str]]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "probe.inspect": ("inspect_file",),
        "probe.inspector": ("PyAvInspector", "open_inspector"),
    },
)
