"""Open the folder of a path so that no link can lead a later step outside the library."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import attrs

from aniworld_core.adapters.library.places import check_relative
from aniworld_core.domain.library import BIN, FileStamp, FoundEntry
from aniworld_core.errors import UnsafePathError
from aniworld_core.messages import Message

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


@attrs.frozen
class Place:
    """A name in an open folder.

    Attributes:
        folder: File descriptor of the folder.
        name: The name in it.
        path: The path as it is shown.
    """

    folder: int
    name: str
    path: str

    def status(self) -> os.stat_result | None:
        """Return the status of the entry itself, or `None` if there is none."""
        try:
            return os.lstat(self.name, dir_fd=self.folder)
        except FileNotFoundError:
            return None

    def beside(self, name: str) -> "Place":
        """Return another name in the same folder."""
        return Place(self.folder, name, str(PurePosixPath(self.path).with_name(name)))


@attrs.frozen
class Roots:
    """The roots of the library; the first is the one that relative paths start from."""

    paths: Sequence[Path]

    @contextmanager
    def opened(self, path: str) -> Iterator[Place]:
        """Open the folder of a path.

        Raises:
            UnsafePathError: If the path leads outside its root.
            FileNotFoundError: If there is no such folder.
            OSError: If it cannot be opened.
        """
        root, parts = self.split(path)
        folder = _open_inside(root, parts[:-1], path) if root else _open_outside(path)
        try:
            yield Place(folder, parts[-1], path)
        finally:
            os.close(folder)

    def bin_folder(self, path: str) -> str:
        """Return the recycle bin of the root that holds a path; the main one for other places."""
        inside = [root for root in self.paths[1:] if _below(root, path)]
        return f"{inside[0].as_posix()}/{BIN}" if inside else BIN

    def require_inside(self, descriptor: int, path: str) -> None:
        """Check that an open file is below a root.

        Raises:
            UnsafePathError: If it is elsewhere.
        """
        real = PurePosixPath(os.path.realpath(f"/proc/self/fd/{descriptor}"))
        if not any(real.is_relative_to(os.path.realpath(root)) for root in self.paths):
            raise UnsafePathError(path, Message("link_leads_outside"))

    def split(self, path: str) -> tuple[Path | None, tuple[str, ...]]:
        """Return the root of a path, `None` for a file outside, and the components below it."""
        if not path.startswith("/"):
            return self.paths[0], check_relative(PurePosixPath(path))
        inside = [root for root in self.paths if _below(root, path)]
        if not inside:
            return None, _checked_outside(path)
        root = max(inside, key=lambda each: len(each.parts))
        return root, check_relative(PurePosixPath(path).relative_to(root.as_posix()))


def found_entry(status: os.stat_result | None) -> FoundEntry | None:
    """Return the entry of a status."""
    if status is None:
        return None
    return FoundEntry(
        stamp=stamp_of(status),
        is_folder=stat.S_ISDIR(status.st_mode),
        is_link=stat.S_ISLNK(status.st_mode),
    )


def stamp_of(status: os.stat_result) -> FileStamp | None:
    """Return the stamp of a regular file; `None` for everything else."""
    if not stat.S_ISREG(status.st_mode):
        return None
    return FileStamp(status.st_size, status.st_mtime_ns)


def _below(root: Path, path: str) -> bool:
    return path != root.as_posix() and PurePosixPath(path).is_relative_to(root.as_posix())


def _checked_outside(path: str) -> tuple[str, ...]:
    parts = PurePosixPath(path).parts[1:]
    if not parts or ".." in parts or "\x00" in path:
        raise UnsafePathError(path, Message("leads_elsewhere"))
    return parts


def _open_inside(root: Path, parts: Sequence[str], path: str) -> int:
    """Open a folder below a root step by step; each is checked after it was opened."""
    real_root = os.path.realpath(root)
    folder = os.open(real_root, _FOLDER)
    try:
        for part in parts:
            inner = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
            _require_inside(real_root, folder, path)
    except BaseException:
        os.close(folder)
        raise
    return folder


def _open_outside(path: str) -> int:
    return os.open(PurePosixPath(path).parent, _FOLDER)


def _require_inside(real_root: str, folder: int, path: str) -> None:
    real = os.path.realpath(f"/proc/self/fd/{folder}")
    if os.path.commonpath([real_root, real]) != real_root:
        raise UnsafePathError(path, Message("link_leads_outside"))
