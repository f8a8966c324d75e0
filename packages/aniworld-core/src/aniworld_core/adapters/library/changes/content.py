"""Write and compare the content of files in open folders."""

import errno
import hashlib
import os
from contextlib import suppress
from typing import Final

from aniworld_core.adapters.library.changes.places import Place, stamp_of
from aniworld_core.domain.library import FileStamp
from aniworld_core.errors import ChangeRefusedError
from aniworld_core.messages import Message

_BLOCK: Final = 1 << 20
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_NEW: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def copy_to(source: Place, temporary: Place, stamp: FileStamp | None) -> None:
    """Copy a file with its time and mode, read the copy again to verify it, and sync it.

    Raises:
        ChangeRefusedError: If the source is another file than the stamp says, also afterwards.
        OSError: If it cannot be read or written; an incomplete copy may remain.
    """
    remove(temporary)
    reading = os.open(source.name, _READ, dir_fd=source.folder)
    try:
        before = os.fstat(reading)
        if stamp is not None and stamp_of(before) != stamp:
            raise ChangeRefusedError(source.path, Message("file_changed_since"))
        writing = os.open(temporary.name, _NEW, 0o600, dir_fd=temporary.folder)
        try:
            copied = hashlib.sha256()
            while block := os.read(reading, _BLOCK):
                copied.update(block)
                _write_all(writing, block)
            os.utime(writing, ns=(before.st_atime_ns, before.st_mtime_ns))
            with suppress(PermissionError):  # file systems without modes
                os.fchmod(writing, before.st_mode & 0o777)
            os.fsync(writing)
            if _digest(writing) != copied.hexdigest():
                raise OSError(errno.EIO, os.strerror(errno.EIO), temporary.path)
        finally:
            os.close(writing)
        if stamp_of(os.fstat(reading)) != stamp_of(before):
            raise ChangeRefusedError(source.path, Message("file_changed_since"))
    finally:
        os.close(reading)


def write_to(temporary: Place, content: bytes) -> None:
    """Write a new file and sync it.

    Raises:
        OSError: If it cannot be written; an incomplete file may remain.
    """
    remove(temporary)
    writing = os.open(temporary.name, _NEW, 0o666, dir_fd=temporary.folder)
    try:
        _write_all(writing, content)
        os.fsync(writing)
    finally:
        os.close(writing)


def same_content(first: Place, second: Place) -> bool:
    """Return whether two regular files have the same bytes."""
    statuses = first.status(), second.status()
    stamps = [None if status is None else stamp_of(status) for status in statuses]
    if stamps[0] is None or stamps[1] is None or stamps[0].size != stamps[1].size:
        return False
    return _digest_of(first) == _digest_of(second)


def has_content(place: Place, content: bytes) -> bool:
    """Return whether a regular file has the given bytes."""
    status = place.status()
    stamp = None if status is None else stamp_of(status)
    if stamp is None or stamp.size != len(content):
        return False
    return _digest_of(place) == hashlib.sha256(content).hexdigest()


def remove(place: Place) -> None:
    """Delete a file; nothing happens if there is none, also on a read-only disk."""
    if place.status() is None:
        return
    with suppress(FileNotFoundError):
        os.unlink(place.name, dir_fd=place.folder)


def _digest_of(place: Place) -> str:
    descriptor = os.open(place.name, _READ, dir_fd=place.folder)
    try:
        return _digest(descriptor)
    finally:
        os.close(descriptor)


def _digest(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    digest = hashlib.sha256()
    while block := os.read(descriptor, _BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _write_all(descriptor: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(descriptor, view) :]
