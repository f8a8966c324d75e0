"""Give a file another name without ever replacing a file that has the name."""

import ctypes
import errno
import functools
import os
import stat
from collections.abc import Callable
from typing import Final

from aniworld_core.adapters.library.changes.places import Place

#: Flag of renameat2 (linux/fs.h): fail with EEXIST if the new name exists.
_RENAME_NOREPLACE: Final = 1
#: Errors of file systems that lack the flag, or hard links.
_LACKING: Final = frozenset(
    {errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.EMLINK, errno.ENOTTY}
)


def rename_no_replace(source: Place, target: Place) -> None:
    """Rename a file or folder; a power failure leaves one of the two names.

    Uses `renameat2` where the file system has it, otherwise a hard link. File systems with
    neither, such as exFAT, check the name just before the rename.

    Raises:
        FileExistsError: If the target exists.
        OSError: If it cannot be renamed; `EXDEV` for another file system.
    """
    rename = _renameat2()
    if rename is not None:
        try:
            rename(source, target)
        except OSError as error:
            if error.errno not in _LACKING:
                raise
        else:
            return
    status = source.status()
    if status is not None and not stat.S_ISDIR(status.st_mode):
        try:
            _link_and_unlink(source, target)
        except OSError as error:
            if error.errno not in _LACKING:
                raise
        else:
            return
    _checked_rename(source, target)


def sync_folder(folder: int) -> None:
    """Make the names in a folder durable; file systems without that are left alone."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.EOPNOTSUPP}:
            raise


def _link_and_unlink(source: Place, target: Place) -> None:
    os.link(
        source.name,
        target.name,
        src_dir_fd=source.folder,
        dst_dir_fd=target.folder,
        follow_symlinks=False,
    )
    # Otherwise a power failure could leave neither name.
    sync_folder(target.folder)
    os.unlink(source.name, dir_fd=source.folder)


def _checked_rename(source: Place, target: Place) -> None:
    if target.status() is not None:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target.path)
    os.rename(source.name, target.name, src_dir_fd=source.folder, dst_dir_fd=target.folder)


@functools.cache
def _renameat2() -> Callable[[Place, Place], None] | None:
    """Return a function that calls renameat2 of the C library, or `None` if it has none."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return None
    call.argtypes = (
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_uint,
    )

    def rename(source: Place, target: Place) -> None:
        names = os.fsencode(source.name), os.fsencode(target.name)
        if call(source.folder, names[0], target.folder, names[1], _RENAME_NOREPLACE):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), source.path, None, target.path)

    return rename
