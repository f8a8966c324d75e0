"""Exclusive use of an unfinished file and the files beside it."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from aniworld_core.errors import PartInUseError
from aniworld_providers.transfer.disk.paths import PartPaths
from aniworld_providers.transfer.disk.writing import disk_errors

#: Errors of file systems without locks; there, only the queue's claims prevent double use.
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})


@contextmanager
def exclusive_use(paths: PartPaths) -> Iterator[None]:
    """Hold the lock of a destination inside the context.

    The lock file is `<final name>.part.lock`. The system releases the lock when the process ends,
    however it ends. So a suspended worker that lost its claim cannot change the files of the worker
    that took over.

    Raises:
        PartInUseError: If another transfer, in this process or another one, holds the lock.
        DiskFullError: If the disk is full.
        LibraryUnavailableError: If the folder cannot be used.
    """
    path = paths.beside("lock")
    with disk_errors(path):
        fd = _locked(path)
    try:
        yield
    finally:
        # Deleted while locked: a process that opened the file before notices that it is gone.
        with suppress(OSError):  # a left lock file without a lock is harmless
            path.unlink(missing_ok=True)
        release(fd)


def release(fd: int) -> None:
    """Unlock and close a file.

    Closing alone keeps the lock while another thread starts a process: until that process runs its
    program, it has a copy of the descriptor.
    """
    with suppress(OSError):  # a file system without locks
        fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)


def _locked(path: Path) -> int:
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            os.close(fd)
            raise PartInUseError from exc
        except OSError as exc:
            if exc.errno in _NO_LOCKS:
                return fd
            os.close(fd)
            raise
        if _is_at(path, fd):
            return fd
        os.close(fd)  # the previous holder deleted it in between


def _is_at(path: Path, fd: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(fd))
    except FileNotFoundError:
        return False
