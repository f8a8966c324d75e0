"""The last step: a whole, checked part becomes a file with its final name, or nothing does.

Everything that is not finished has a name that begins with `<final name>.part`, so that nobody
takes it for a file of the library.
"""

import contextlib
import ctypes
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from aniworld_core.errors import DiskFullError, FileExistsConflictError, LibraryUnavailableError

#: The container suffixes that a destination's own suffix is replaced by, and of.
MEDIA_SUFFIXES: Final = frozenset(
    (
        *(".mp4", ".mkv", ".webm", ".ts", ".m2ts", ".avi", ".mov", ".m4v", ".ogv", ".ogm"),
        *(".mpg", ".mpeg", ".flv", ".wmv", ".asf", ".m3u8", ".mpd", ".mka", ".m4a"),
    )
)
#: The suffixes that say the truth about a container, by its usual one.
_FITTING: Final = {
    **dict.fromkeys((".mp4", ".m4v", ".mov"), frozenset({".mp4", ".m4v", ".mov"})),
    ".webm": frozenset({".webm", ".mkv"}),
    ".mpg": frozenset({".mpg", ".mpeg"}),
    ".ts": frozenset({".ts"}),
    ".ogv": frozenset({".ogv", ".ogm"}),
    ".wmv": frozenset({".wmv", ".asf"}),
}
#: Bytes in a path component, and the room kept for what is written behind a name.
_NAME_BYTES: Final = 255
_ROOM: Final = len(".part.segments")
_RENAME_NOREPLACE: Final = 1
_AT_FDCWD: Final = -100
_SYNC_FILE_RANGE_WRITE: Final = 2
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_HERE: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM})


@attrs.frozen
class PartPaths:
    """Where an unfinished file lies."""

    part: Path
    ledger: Path

    def beside(self, tag: str) -> Path:
        """Return a further file's path, `<final name>.part.<tag>`."""
        return self.part.with_name(f"{self.part.name}.{tag}")

    def all_present(self) -> list[Path]:
        """Return every file there is whose name begins with that of the part."""
        with contextlib.suppress(FileNotFoundError):
            return sorted(
                entry
                for entry in self.part.parent.iterdir()
                if entry.name == self.part.name or entry.name.startswith(f"{self.part.name}.")
            )
        return []


def part_paths(destination: Path) -> PartPaths:
    """Return where the unfinished bytes of *destination* lie."""
    name = destination.name
    if len(os.fsencode(name)) > _NAME_BYTES - _ROOM:
        # Told apart by a digest, because two long names may begin alike.
        mark = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
        name = f"{_cut(name, _NAME_BYTES - _ROOM - len(mark) - 1)}~{mark}"
    part = destination.with_name(f"{name}.part")
    return PartPaths(part, part.with_name(f"{part.name}.ledger"))


def final_path(destination: Path, suffix: str, *, exact_name: bool) -> Path:
    """Return the name of the finished file.

    Args:
        destination: What was asked for.
        suffix: That of the container found, with its dot.
        exact_name: Keep the name as it is, unless its suffix promises another container.
    """
    own = destination.suffix.lower()
    if exact_name and (own not in MEDIA_SUFFIXES or own in _FITTING.get(suffix, {suffix})):
        return destination
    stem = destination.stem if own in MEDIA_SUFFIXES else destination.name
    return destination.with_name(_cut(stem, _NAME_BYTES - _ROOM - len(suffix)) + suffix)


def renamed(destination: Path, final: Path, *, exact_name: bool) -> tuple[str, ...]:
    """Return the notice about a name that a person chose and that the content contradicts."""
    if not exact_name or final == destination:
        return ()
    what = f"{destination.suffix} does not fit the content of {destination.name}"
    return (f"{what}; the file is named {final.name}",)


def siblings(destination: Path, *, exact_name: bool) -> list[Path]:
    """Return the files that a finished download of *destination* may already have become."""
    names = {final_path(destination, s, exact_name=exact_name) for s in MEDIA_SUFFIXES}
    # The name that was asked for comes first.
    return sorted((p for p in names if p.exists()), key=lambda p: (p != destination, p))


def require_space(folder: Path, needed: int, reserve: int) -> None:
    """Check that a disk has room.

    Args:
        folder: A folder on it.
        needed: Bytes that will be written.
        reserve: Bytes that must stay free besides.

    Raises:
        DiskFullError: If there is less.
        LibraryUnavailableError: If the folder cannot be looked at.
    """
    with disk_errors(folder):
        free = shutil.disk_usage(folder).free
    if free < needed + reserve:
        raise DiskFullError(str(folder), needed + reserve - free)


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Translate what a disk says.

    Raises:
        DiskFullError: If it has no room left.
        LibraryUnavailableError: If it cannot be used otherwise.
    """
    try:
        yield
    except OSError as exc:
        if exc.errno in _FULL:
            raise DiskFullError(str(path)) from exc
        reason = "the file is too large for it" if exc.errno == errno.EFBIG else exc.strerror
        raise LibraryUnavailableError(str(path), reason or str(exc)) from exc


def prepare_folder(folder: Path) -> None:
    """Make the folder a file goes to.

    Raises:
        LibraryUnavailableError: If it cannot be made.
        DiskFullError: If there is no room.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)


def sync_file(path: Path) -> None:
    """Bring a file's bytes to the disk; blocks.

    Raises:
        DiskFullError: If there is no room.
        LibraryUnavailableError: If the disk fails.
    """
    with disk_errors(path):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def begin_sync(fd: int) -> None:
    """Let the disk begin with what was written, without waiting for it, where that is possible."""
    begin = getattr(ctypes.CDLL(None), "sync_file_range", None)
    if begin is not None:
        zero = ctypes.c_int64(0)  # from the first byte to the last
        begin(ctypes.c_int(fd), zero, zero, ctypes.c_uint(_SYNC_FILE_RANGE_WRITE))


def publish(part: Path, final: Path) -> None:
    """Give a synced part its final name, which must be free; blocks.

    Killed at any instant, there is either the part or the final name, and never another file's
    content under that name. After it returns the name survives a power loss.

    Raises:
        FileExistsConflictError: If the name is taken; the part stays.
        LibraryUnavailableError: If the disk fails.
    """
    with disk_errors(final):
        try:
            _rename_free(part, final)
        except FileExistsError as exc:
            raise FileExistsConflictError(str(final)) from exc
        fd = os.open(final.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        except OSError as exc:
            # Some network file systems do not sync folders; they are not wrong for it.
            if exc.errno not in _NOT_HERE:
                raise
        finally:
            os.close(fd)


def remove_leftovers(paths: PartPaths) -> None:
    """Delete what is left of a finished transfer; what cannot be deleted does no harm."""
    for path in paths.all_present():
        with contextlib.suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def _rename_free(source: Path, target: Path) -> None:
    """Rename, refusing to replace: by the kernel, else by a link, else as well as it goes."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is not None:
        names = os.fsencode(source), os.fsencode(target)
        if rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_NOREPLACE) == 0:
            return
        code = ctypes.get_errno()
        if code not in _NOT_HERE:
            raise OSError(code, os.strerror(code), str(target))
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as exc:
        if exc.errno not in _NOT_HERE | {errno.EMLINK}:
            raise
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "it exists", str(target)) from exc
        source.rename(target)
        return
    source.unlink()


def _cut(text: str, limit: int) -> str:
    """Shorten to at most *limit* bytes without cutting a character in two."""
    raw = os.fsencode(text)
    if len(raw) <= limit:
        return text
    return raw[:limit].decode("utf-8", "ignore").rstrip(" .")
