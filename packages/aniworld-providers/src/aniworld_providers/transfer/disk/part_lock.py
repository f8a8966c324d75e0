"""Exclusive use of an unfinished file and everything beside it."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from aniworld_core.errors import PartInUseError
from aniworld_providers.transfer.disk.publish import PartPaths, disk_errors

#: What file systems without locks answer; there the claims of the queue have to do.
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})


@contextmanager
def sole_use(paths: PartPaths) -> Iterator[None]:
    """Be the only transfer that reads, writes or deletes these files inside the context.

    The lock is `<final name>.part.lock`. The system releases it when the process ends, however
    that happens. So a worker that lost its claim while it was suspended cannot touch the files of
    the worker that took over, and the other waits until the first has let go.

    Raises:
        PartInUseError: If another transfer, of this process or another, uses them.
        DiskFullError: If there is no room.
        LibraryUnavailableError: If the disk cannot be used.
    """
    path = paths.beside("lock")
    with disk_errors(path):
        fd = _locked(path)
    try:
        yield
    finally:
        # Deleted while it is held: who opened it meanwhile finds another file, or none, there.
        with suppress(OSError):  # a lock file without a lock does no harm
            path.unlink(missing_ok=True)
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
        os.close(fd)  # its former holder has deleted it in between


def _is_at(path: Path, fd: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(fd))
    except FileNotFoundError:
        return False
