"""Publish a complete, checked part: rename it to its final name without replacing a file.

Unfinished files have names that begin with `<final name>.part`; scans of the library skip them.
"""

import ctypes
import errno
import os
from pathlib import Path
from typing import Final

from aniworld_core.errors import FileExistsConflictError
from aniworld_providers.transfer.disk.writing import disk_errors

_RENAME_NOREPLACE: Final = 1
_AT_FDCWD: Final = -100
_UNSUPPORTED: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM})


def publish(part: Path, final: Path) -> None:
    """Rename a synced part to its final name, which must be free; blocks.

    At any instant of a kill, either the part or the final name exists, and the final name never has
    the content of another file. After the return, the name survives a power loss.

    Raises:
        FileExistsConflictError: If the name is taken; the part is kept.
        LibraryUnavailableError: If the disk fails.
    """
    with disk_errors(final):
        try:
            _rename_no_replace(part, final)
        except FileExistsError as exc:
            raise FileExistsConflictError(str(final)) from exc
        fd = os.open(final.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        except OSError as exc:
            # Some network file systems cannot sync folders.
            if exc.errno not in _UNSUPPORTED:
                raise
        finally:
            os.close(fd)


def _rename_no_replace(source: Path, target: Path) -> None:
    """Rename without replacing: by `renameat2`, else by a hard link, else after a check."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is not None:
        names = os.fsencode(source), os.fsencode(target)
        if rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_NOREPLACE) == 0:
            return
        code = ctypes.get_errno()
        if code not in _UNSUPPORTED:
            raise OSError(code, os.strerror(code), str(target))
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as exc:
        if exc.errno not in _UNSUPPORTED | {errno.EMLINK}:
            raise
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from exc
        source.rename(target)
        return
    source.unlink()
