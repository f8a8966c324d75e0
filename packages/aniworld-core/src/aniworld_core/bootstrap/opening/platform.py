"""The operating systems that the adapters work on."""

import sys

from aniworld_core.errors import PlatformNotSupportedError


def require_platform(name: str = sys.platform) -> None:
    """Refuse systems without the locks and folder descriptors that keep files safe.

    Args:
        name: The system, named as in `sys.platform`.

    Raises:
        PlatformNotSupportedError: If it is not Linux.
    """
    if not name.startswith("linux"):
        raise PlatformNotSupportedError({"win32": "Windows", "darwin": "macOS"}.get(name, name))
