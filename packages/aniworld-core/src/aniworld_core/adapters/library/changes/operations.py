"""File operations on the local file system: changes in one worker thread, reading in others."""

import errno
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, TypeVar

import anyio
import anyio.to_thread
import attrs

from aniworld_core.adapters.library.changes.bins import bin_entries, delete_entry
from aniworld_core.adapters.library.changes.no_replace import sync_folder
from aniworld_core.adapters.library.changes.places import Roots, found_entry
from aniworld_core.adapters.library.changes.steps import SourceStaysError, run_step
from aniworld_core.adapters.library.places import library_errors
from aniworld_core.domain.library import BinEntry, FileStamp, FoundEntry, Step
from aniworld_core.errors import LibraryUnavailableError, UnsafePathError
from aniworld_core.messages import Message, os_reason
from aniworld_core.ports.file_operations import FileOperations

T = TypeVar("T")

#: Most entries that a walk reads: the videos and subtitles of a large library, but not a whole
#: computer.
MAX_ENTRIES: Final = 500_000
_NOT_WRITABLE: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
#: Threads that list and open files for players and pages.
READERS: Final = 4


@attrs.define(eq=False)
class LocalFileOperations(FileOperations):
    """Files below the roots of the configured library.

    Attributes:
        _roots: Returns the absolute roots, the main one first.
    """

    _roots: Callable[[], Sequence[Path]]
    _thread: anyio.CapacityLimiter = attrs.field(
        factory=lambda: anyio.CapacityLimiter(1), init=False
    )
    #: A walk takes long, and changes do not wait for it.
    _walks: anyio.CapacityLimiter = attrs.field(
        factory=lambda: anyio.CapacityLimiter(1), init=False
    )
    #: A player does not wait for a change, which may copy a film to another disk.
    _reads: anyio.CapacityLimiter = attrs.field(
        factory=lambda: anyio.CapacityLimiter(READERS), init=False
    )
    _max_entries: int = attrs.field(default=MAX_ENTRIES, kw_only=True)

    def bin_folder(self, path: str) -> str:
        return Roots(tuple(self._roots())).bin_folder(path)

    def stored(self, path: str) -> str:
        main = self._roots()[0].as_posix()
        place = PurePosixPath(path)
        is_below = place.is_relative_to(main) and path != main
        return str(place.relative_to(main)) if is_below else path

    async def look(self, paths: Sequence[str]) -> Mapping[str, FoundEntry | None]:
        return await self._with_roots(lambda roots: {path: _look(roots, path) for path in paths})

    async def names(self, folder: str) -> Sequence[str]:
        return await self._with_roots(lambda roots: _names(roots, folder), self._reads)

    async def read(self, path: str, *, max_bytes: int) -> bytes | None:
        return await self._with_roots(lambda roots: _read(roots, path, max_bytes), self._reads)

    async def open(self, path: str) -> BinaryIO | None:
        return await self._with_roots(lambda roots: _opened(roots, path), self._reads)

    async def walk(self, folder: str) -> tuple[Sequence[str], Mapping[str, str]]:
        def work() -> tuple[Sequence[str], Mapping[str, str]]:
            with library_errors(Path(folder)):
                return _walk(folder, self._max_entries)

        return await anyio.to_thread.run_sync(work, limiter=self._walks)

    async def run(self, step: Step) -> FileStamp | None:
        return await self._with_roots(lambda roots: _run(roots, step))

    async def bin_entries(self) -> Sequence[BinEntry]:
        return await self._with_roots(bin_entries)

    async def delete_entry(self, entry: BinEntry) -> None:
        await self._with_roots(lambda roots: delete_entry(roots, entry))

    async def sync(self, paths: Sequence[str]) -> None:
        def work(roots: Roots) -> None:
            for path in {str(PurePosixPath(path).parent): path for path in paths}.values():
                try:
                    with roots.opened(path) as place:
                        sync_folder(place.folder)
                except FileNotFoundError:
                    continue  # a folder that was removed has no names

        await self._with_roots(work)

    async def _with_roots(
        self, call: Callable[[Roots], T], limiter: anyio.CapacityLimiter | None = None
    ) -> T:
        roots = Roots(tuple(self._roots()))

        def work() -> T:
            with library_errors(roots.paths[0]):
                os.stat(roots.paths[0])  # noqa: PTH116 - a missing root is no missing file
                return call(roots)

        return await anyio.to_thread.run_sync(work, limiter=limiter or self._thread)


def _run(roots: Roots, step: Step) -> FileStamp | None:
    """Apply a step; errors of the disk name the root, or the folder that cannot be written."""
    root, _ = roots.split(step.target)
    written = root or Path(step.target).parent
    with library_errors(written):
        try:
            return run_step(roots, step)
        except SourceStaysError as stays:
            place = os.fspath(roots.paths[0] / stays.path)
            reason = Message("original_stays", reason=os_reason(stays.error))
            raise LibraryUnavailableError(place, reason) from stays
        except OSError as error:
            if error.errno not in _NOT_WRITABLE:
                raise
            reason = Message("cannot_be_written", reason=os_reason(error))
            closed = _closed_folder(roots, step) or os.fspath(written)
            raise LibraryUnavailableError(closed, reason) from error


def _closed_folder(roots: Roots, step: Step) -> str | None:
    """Return the folder of a step that this user cannot write, if one of them is."""
    for path in (step.target, step.source):
        folder = (roots.paths[0] / path).parent
        if path and folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            return os.fspath(folder)
    return None


def _look(roots: Roots, path: str) -> FoundEntry | None:
    try:
        with roots.opened(path) as place:
            return found_entry(place.status())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        folder = (roots.paths[0] / path).parent
        raise LibraryUnavailableError(os.fspath(folder), os_reason(error)) from error


def _names(roots: Roots, folder: str) -> Sequence[str]:
    try:
        with roots.opened(f"{folder}/x") as place:
            return sorted(os.listdir(place.folder))  # noqa: PTH208 - an open folder has no path
    except (FileNotFoundError, NotADirectoryError):
        return ()


def _read(roots: Roots, path: str, max_bytes: int) -> bytes | None:
    try:
        with roots.opened(path) as place:
            entry = found_entry(place.status())
            if entry is None or entry.stamp is None or entry.stamp.size > max_bytes:
                return None
            # The file may have been replaced since by a pipe, which must not block.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(place.name, flags, dir_fd=place.folder)
            with os.fdopen(descriptor, "rb") as file:
                content = file.read(max_bytes + 1)
            return content if len(content) <= max_bytes else None
    except (FileNotFoundError, NotADirectoryError):
        return None


def _opened(roots: Roots, path: str) -> BinaryIO | None:
    root, parts = roots.split(path)
    if root is None:
        raise UnsafePathError(path, Message("outside_roots"))
    # Opening a pipe without `O_NONBLOCK` would wait for its writer.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(root.joinpath(*parts), flags)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        # The open file is checked, so a link that is swapped in later leads nowhere else.
        roots.require_inside(descriptor, path)
        is_regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
    except BaseException:
        os.close(descriptor)
        raise
    if not is_regular:
        os.close(descriptor)
        return None
    return os.fdopen(descriptor, "rb")


def _walk(top: str, most: int) -> tuple[Sequence[str], Mapping[str, str]]:
    files: list[str] = []
    bad: dict[str, str] = {}
    too_large = Message("folder_too_large", entries=most)
    waiting = [top]
    count = 0
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    count += 1
                    if count > most:
                        raise LibraryUnavailableError(top, too_large)
                    _sort(entry, files, waiting, bad)
        except OSError as error:
            if folder == top:
                raise
            bad[folder] = os_reason(error)
    return sorted(files), bad


def _sort(
    entry: os.DirEntry[str], files: list[str], folders: list[str], bad: dict[str, str]
) -> None:
    """Put an entry of a folder where it belongs."""
    if entry.name.startswith("."):
        return
    try:
        entry.path.encode()
    except UnicodeEncodeError:
        bad[os.fsencode(entry.path).decode("utf-8", "replace")] = Message("name_is_no_text")
        return
    if entry.is_symlink():
        bad[entry.path] = Message("is_link")
    elif entry.is_dir(follow_symlinks=False):
        folders.append(entry.path)
    elif entry.is_file(follow_symlinks=False):
        files.append(entry.path)
    else:
        bad[entry.path] = Message("not_a_regular_file")
