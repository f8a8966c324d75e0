"""Packages that import a name when it is first used (PEP 562).

The face of a room exports names of many modules. If it imported them all, a command that needs one
of them would wait for the others: `aniworld list` would build four hundred classes to show nothing.
A face imports its names for type checkers only and lists the module of each name again for the
running program; a test compares both.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def lazy_names(
    package: str, modules: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` of a package.

    Args:
        package: Name of the package.
        modules: Names by the module that defines them; modules are relative to the package.
    """
    homes = {name: module for module, names in modules.items() for name in names}
    namespace = vars(sys.modules[package])

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        # Not `import_module`: `python -X importtime` shows imports by `__import__` only.
        value = getattr(__import__(f"{package}.{homes[name]}", fromlist=[name]), name)
        namespace[name] = value
        return value

    def listed() -> list[str]:
        return sorted({*namespace, *homes})

    return get, listed
