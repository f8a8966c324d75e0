"""Media files: identify, inspect and check them, and copy streams into containers."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from aniworld_providers.media.probe.inspect import inspect_file
    from aniworld_providers.media.probe.inspector import PyAvInspector, open_inspector

__all__ = ["PyAvInspector", "inspect_file", "open_inspector"]

#: Module of each name; loaded on first use, because the muxer process needs none of them.
_MODULES: Final = {
    "PyAvInspector": "probe.inspector",
    "inspect_file": "probe.inspect",
    "open_inspector": "probe.inspector",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
