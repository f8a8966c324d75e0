"""Folders of the operating system, which hold no library."""

import posixpath
from pathlib import PurePath
from typing import Final

#: Folders that a system needs for itself (Filesystem Hierarchy Standard 3.0, section 3).
_SYSTEM: Final = frozenset(
    f"/{name}"
    for name in ("bin", "boot", "dev", "etc", "lib", "lib64", "proc", "sbin", "sys", "usr")
)
#: Folders whose whole content the kernel generates (proc(5), sysfs(5)).
_KERNEL: Final = ("/proc/", "/sys/")


def is_system_folder(folder: PurePath) -> bool:
    """Return whether an absolute path is the root of a file system or a folder of the system.

    Reading such a folder as a library or for an import takes minutes and finds nothing that was
    meant.
    """
    if folder == folder.parent:
        return True
    path = posixpath.normpath(folder.as_posix())
    return path.strip("/") == "" or path in _SYSTEM or path.startswith(_KERNEL)
