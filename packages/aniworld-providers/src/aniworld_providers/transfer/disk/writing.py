"""Write to and sync files, check free space, and translate disk errors."""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from aniworld_core.errors import DiskFullError, LibraryUnavailableError
from aniworld_core.messages import Message

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
#: Most bytes per write. Larger writes need large free memory blocks, which a virtual machine first
#: has to get back from its host: writes of 1 MiB were measured to cost three times as much.
_PIECE: Final = 128 * 1024


def write_all(fd: int, chunks: Sequence[bytes | memoryview], offset: int) -> None:
    """Write *chunks* one after another from *offset* on.

    Raises:
        OSError: If the disk refuses.
    """
    for chunk in chunks:
        left = memoryview(chunk)
        while left:
            written = os.pwrite(fd, left[:_PIECE], offset)
            offset += written
            left = left[written:]


def require_space(folder: Path, needed: int, reserve: int) -> None:
    """Check that a disk has enough free space.

    Args:
        folder: A folder on the disk.
        needed: Bytes that will be written.
        reserve: Bytes that must stay free.

    Raises:
        DiskFullError: If there is less.
        LibraryUnavailableError: If the free space cannot be read.
    """
    with disk_errors(folder):
        free = shutil.disk_usage(folder).free
    if free < needed + reserve:
        raise DiskFullError(str(folder), needed + reserve - free)


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Translate `OSError` into the errors of the application.

    Raises:
        DiskFullError: If the disk is full.
        LibraryUnavailableError: For any other error.
    """
    try:
        yield
    except OSError as exc:
        if exc.errno in _FULL:
            # The folder, because the name of an unfinished file says nothing about the disk.
            raise DiskFullError(str(path if path.is_dir() else path.parent)) from exc
        reason = Message("file_too_large_for_disk") if exc.errno == errno.EFBIG else exc.strerror
        raise LibraryUnavailableError(str(path), reason or str(exc)) from exc


def prepare_folder(folder: Path) -> None:
    """Create the folder of a destination.

    Raises:
        LibraryUnavailableError: If it cannot be created.
        DiskFullError: If the disk is full.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)


def sync_file(path: Path) -> None:
    """Sync the bytes of a file to the disk; blocks.

    Raises:
        DiskFullError: If the disk is full.
        LibraryUnavailableError: If the disk fails.
    """
    with disk_errors(path):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
