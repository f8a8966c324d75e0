"""Paths below the library root that cannot lead outside it."""

import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from aniworld_core.errors import (
    DiskFullError,
    LibraryUnavailableError,
    UnsafePathError,
)
from aniworld_core.messages import Message, os_reason

_FULL = {errno.ENOSPC, errno.EDQUOT}
_NOT_WRITABLE = Message("cannot_be_written", reason=Message("permission_denied"))


@contextmanager
def library_errors(root: Path) -> Iterator[None]:
    """Translate operating system errors about the library."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(str(root)) from error
        if error.errno == errno.ENAMETOOLONG:
            raise UnsafePathError(str(error.filename), Message("name_in_path_too_long")) from error
        raise LibraryUnavailableError(str(root), os_reason(error)) from error


def check_relative(path: PurePosixPath) -> tuple[str, ...]:
    """Return the components of a relative path that stays below its start.

    Raises:
        UnsafePathError: If it is absolute, empty, or has components that lead outside.
    """
    if path.is_absolute() or not path.parts:
        raise UnsafePathError(str(path), Message("not_relative"))
    for part in path.parts:
        if part == ".." or "\x00" in part:
            raise UnsafePathError(str(path), Message("leads_elsewhere"))
    return path.parts


def real_path_inside(root: Path, path: Path) -> str:
    """Return the resolved path.

    Raises:
        UnsafePathError: If it is outside the library.
    """
    real = os.path.realpath(path)
    if not _is_inside(os.path.realpath(root), real):
        raise UnsafePathError(str(path), Message("link_leads_outside"))
    return real


def prepare_folder(root: Path, parts: Sequence[str]) -> None:
    """Create the folders of a file below the root, step by step through open folders.

    Each folder is opened before its path is checked, so a link that is swapped in between cannot
    lead the next step outside.

    Raises:
        UnsafePathError: If a link leads outside the root.
        LibraryUnavailableError: If the last folder cannot be written.
        OSError: If a folder cannot be opened or created.
    """
    real_root = os.path.realpath(root)
    folder = os.open(real_root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = _opened(folder, part)
            os.close(folder)
            folder = inner
            if not _is_inside(real_root, _location(folder)):
                raise UnsafePathError("/".join(parts), Message("link_leads_outside"))
        _check_last(folder, parts, real_root)
    finally:
        os.close(folder)


def _opened(folder: int, name: str) -> int:
    flags = os.O_RDONLY | os.O_DIRECTORY
    with suppress(FileNotFoundError):
        return os.open(name, flags, dir_fd=folder)
    with suppress(FileExistsError):
        os.mkdir(name, 0o777, dir_fd=folder)
    return os.open(name, flags, dir_fd=folder)


def _check_last(folder: int, parts: Sequence[str], real_root: str) -> None:
    location = _location(folder)
    if not os.access(location, os.W_OK | os.X_OK):
        raise LibraryUnavailableError(location, _NOT_WRITABLE)
    if not _is_inside(real_root, os.path.realpath(f"{location}/{parts[-1]}")):
        raise UnsafePathError("/".join(parts), Message("link_leads_outside"))


def _location(folder: int) -> str:
    return os.path.realpath(f"/proc/self/fd/{folder}")


def _is_inside(real_root: str, real: str) -> bool:
    return os.path.commonpath([real_root, real]) == real_root


def is_in_use(folder: Path, names: Sequence[str]) -> bool:
    """Return whether a running transfer holds the lock of these leftovers (`….part.lock`)."""
    return any(_is_locked(folder / name) for name in names if name.endswith(".part.lock"))


def _is_locked(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # a file system without locks
    finally:
        os.close(fd)
    return False
