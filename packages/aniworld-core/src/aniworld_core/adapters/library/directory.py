"""The library as a local folder."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread
import attrs

from aniworld_core.adapters.library.places import (
    check_relative,
    library_errors,
    prepare_folder,
    real_path_inside,
)
from aniworld_core.adapters.library.reach import Reach
from aniworld_core.adapters.library.walk import folder_contents, root_listing
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import (
    LibraryRoot,
    fold_name,
    is_video_name,
    stored_path,
    video_suffix,
)
from aniworld_core.errors import LibraryUnavailableError, UnsafePathError
from aniworld_core.messages import Message, os_reason
from aniworld_core.ports.library import FolderContents, MediaLibrary, UnfinishedFile

if TYPE_CHECKING:
    # A scan without changes needs only what reads folders; the rest is imported on first use.
    from aniworld_core.adapters.library.file_judge import FileJudge
    from aniworld_core.domain.library import FolderMarks

T = TypeVar("T")

#: Folders that one call in the worker thread reads.
_BATCH = 200
#: The same for folders of which mostly the times are read.
_KNOWN_BATCH = 2000
#: Files that one call in the worker thread checks for size and time.
_STATS = 5000


def _absolute(path: Path | str) -> Path:
    # Not resolved: the target of a link may change, the configured path stays.
    return Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100


def _all_absolute(paths: Iterable[Path | str]) -> tuple[Path, ...]:
    return tuple(_absolute(path) for path in paths)


@attrs.define(eq=False)
class DirectoryLibrary(MediaLibrary):
    """Library in a local folder; reads names in one worker thread, and only changed folders."""

    _root: Path = attrs.field(converter=_absolute)
    _others: tuple[Path, ...] = attrs.field(default=(), converter=_all_absolute)
    #: The main root without a slash at its end.
    _root_text: str = attrs.field(init=False)
    #: More threads only compete for the interpreter and the disk.
    _reader: anyio.CapacityLimiter = attrs.field(
        factory=lambda: anyio.CapacityLimiter(1), init=False
    )

    @_root_text.default
    def _default_root_text(self) -> str:
        return os.fspath(self._root).rstrip("/")

    @property
    def root(self) -> Path:
        return self._root

    @property
    def other_roots(self) -> Sequence[Path]:
        return self._others

    async def roots(self) -> Sequence[LibraryRoot]:
        def look() -> Sequence[LibraryRoot]:
            return [_root_of(reach) for reach in self._reaches()]

        return await self._read(look)

    async def survey(
        self,
        known: Mapping[str, str] | None = None,
        *,
        roots: Sequence[LibraryRoot] | None = None,
    ) -> AsyncIterator[Sequence[FolderContents]]:
        stamps = dict(known or {})
        chosen = await self.roots() if roots is None else roots
        reaches = {reach.name: reach for reach in await self._read(self._reaches)}
        for root in chosen:
            if root.problem:
                raise LibraryUnavailableError(root.path, root.problem)
            reach = reaches[root.name]
            identity = await self._read(partial(_identity, reach))
            size = _KNOWN_BATCH if stamps else _BATCH
            for start in range(0, len(root.folders), size):
                names = root.folders[start : start + size]
                batch = [(name, stamps.get(stored_path(root.name, name))) for name in names]
                yield await self._read(partial(_walked, reach, identity, batch))

    async def first_folder(self, names: Sequence[FolderName]) -> FolderContents | None:
        def look() -> FolderContents | None:
            wanted = [fold_name(name) for name in names]
            for reach in self._reaches():
                root = _root_of(reach)
                if root.problem and not root.name:
                    raise LibraryUnavailableError(root.path, root.problem)
                there = {fold_name(folder): folder for folder in root.folders}
                chosen = next((there[name] for name in wanted if name in there), None)
                if chosen is not None:
                    found = _walked(reach, _identity(reach), [(chosen, None)])
                    return found[0] if found else None
            return None

        return await self._read(look)

    async def read_folders(self, paths: Collection[str]) -> Sequence[FolderContents]:
        def look() -> list[FolderContents]:
            found: list[FolderContents] = []
            reaches = sorted(self._reaches(), key=lambda reach: len(reach.root), reverse=True)
            for path in sorted(paths):
                for reach in reaches:
                    if (folder := reach.folder_of(path)) is not None:
                        found += _walked(reach, _identity(reach), [(FolderName(folder), None)])
                        break
            return found

        return await self._read(look)

    async def folder_marks(self, paths: Collection[str]) -> "Mapping[str, FolderMarks]":
        from aniworld_core.adapters.library.folders.marks import read_folder_marks

        def look(batch: Sequence[str]) -> "dict[str, FolderMarks]":
            found: dict[str, FolderMarks] = {}
            for path in batch:
                with suppress(UnsafePathError):
                    folder = self.absolute(path)
                    if marks := read_folder_marks(folder):
                        found[path] = marks
            return found

        names = list(paths)
        found: dict[str, FolderMarks] = {}
        for start in range(0, len(names), _BATCH):
            found |= await self._read(partial(look, names[start : start + _BATCH]))
        return found

    async def changes(self) -> AsyncIterator[set[str]]:
        from aniworld_core.adapters.library.watching import changed_folders

        with library_errors(self._root):
            async for folders in changed_folders(await self._read(self._reaches)):
                yield folders

    async def stat(self, files: Collection[str]) -> Mapping[str, tuple[int, int]]:
        def look(batch: Sequence[str]) -> dict[str, tuple[int, int]]:
            found: dict[str, tuple[int, int]] = {}
            read, root = os.stat, self._root_text  # names of this function: a hot path
            for file in batch:
                try:
                    status = read(file if file[:1] == "/" else f"{root}/{file}")
                except OSError:
                    continue
                found[file] = (status.st_size, status.st_mtime_ns)
            return found

        names = list(files)
        found: dict[str, tuple[int, int]] = {}
        for start in range(0, len(names), _STATS):
            found |= await self._read(partial(look, names[start : start + _STATS]))
        return found

    async def destination(self, path: PurePosixPath) -> Path:
        def prepare() -> Path:
            root, parts = self._located(path)
            with library_errors(root):
                prepare_folder(root, parts)
            return root.joinpath(*parts)

        return await anyio.to_thread.run_sync(prepare)

    def relative(self, path: Path) -> str:
        absolute = _absolute(path)
        if any(root in absolute.parents for root in self._others):
            return absolute.as_posix()
        if absolute == self._root or not absolute.is_relative_to(self._root):
            raise UnsafePathError(str(path), Message("not_below", path=str(self._root)))
        return absolute.relative_to(self._root).as_posix()

    async def find_file(self, path: PurePosixPath) -> str | None:
        def find() -> str | None:
            root, parts = self._located(path)
            folder = root.joinpath(*parts[:-1])
            try:
                real_path_inside(root, folder)
                names = sorted(os.listdir(folder))  # noqa: PTH208 - names are all it takes
            except (OSError, UnsafePathError):
                return None
            wanted = fold_name(path.name)
            for name in names:
                stem = name.removesuffix(video_suffix(name))
                if is_video_name(name) and fold_name(stem) == wanted and (folder / name).is_file():
                    return self.relative(folder / name)
            return None

        return await anyio.to_thread.run_sync(find)

    async def clear_leftovers(self, file: str) -> None:
        from aniworld_core.adapters.library.part_files import ledger_finals, remove_unfinished

        def clear() -> None:
            root, parts = self._located(PurePosixPath(file))
            path = root.joinpath(*parts)
            real_path_inside(root, path.parent)
            stem = path.name.removesuffix(video_suffix(path.name))
            if root.is_dir() and not path.parent.is_dir():
                return  # no folder, no leftovers
            with library_errors(root):
                for final in ledger_finals(path.parent, stem):
                    remove_unfinished(final)

        await anyio.to_thread.run_sync(clear)

    async def unfinished(self) -> Sequence[UnfinishedFile]:
        from aniworld_core.adapters.library.part_files import unfinished_files

        def look() -> Sequence[UnfinishedFile]:
            found: list[UnfinishedFile] = []
            for root in (self._root, *self._others):
                # Another disk that is away has no unfinished file to remove.
                if root == self._root or root.is_dir():
                    with library_errors(root):
                        found += (
                            UnfinishedFile(final=self.relative(final), bytes=size)
                            for final, size in unfinished_files(root)
                        )
            return found

        return await self._read(look)

    async def remove_unfinished(self, file: UnfinishedFile) -> None:
        from aniworld_core.adapters.library.part_files import remove_unfinished

        def remove() -> None:
            root, parts = self._located(PurePosixPath(file.final))
            path = root.joinpath(*parts)
            with library_errors(root):
                real_path_inside(root, path.parent)
                remove_unfinished(path)

        await anyio.to_thread.run_sync(remove)

    async def check(self, files: Sequence[str]) -> Mapping[str, str]:
        if not files:
            return {}
        bad: dict[str, str] = {}
        judge = await self._read(self._judge)
        for start in range(0, len(files), _BATCH):
            batch = files[start : start + _BATCH]
            bad |= await self._read(partial(self._judged, judge, batch))
        return bad

    async def fingerprints(self, files: Collection[str]) -> Mapping[str, str]:
        ordered = sorted(files)
        found: dict[str, str] = {}
        for start in range(0, len(ordered), _BATCH):
            batch = ordered[start : start + _BATCH]
            found |= await self._read(partial(self._fingerprints, batch))
        return found

    async def free_bytes(self) -> int:
        def free() -> int:
            with library_errors(self._root):
                return shutil.disk_usage(self._root).free

        return await anyio.to_thread.run_sync(free)

    async def _read(self, call: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(call, limiter=self._reader)

    def _located(self, path: PurePosixPath) -> tuple[Path, tuple[str, ...]]:
        """Return the root of a stored path and the components below it.

        Raises:
            UnsafePathError: If it is in no root, or has components that lead elsewhere.
        """
        for root in self._others:
            if root in Path(path).parents:
                return root, check_relative(path.relative_to(root.as_posix()))
        return self._root, check_relative(path)

    def _path_of(self, file: str) -> str:
        """Return what `absolute` does, as text: path objects are slow for all files of a scan."""
        if file[:1] in ("", "/") or ".." in file:
            return os.fspath(self.absolute(file))
        return f"{self._root_text}/{file}"

    def _reaches(self) -> Sequence[Reach]:
        return Reach.of([self._root, *self._others])

    def _fingerprints(self, files: Sequence[str]) -> dict[str, str]:
        judge = self._judge()
        found: dict[str, str] = {}
        for file in files:
            with suppress(UnsafePathError):
                fingerprint = judge.fingerprint(self._path_of(file))
                if fingerprint is not None:
                    found[file] = fingerprint
        return found

    def _judge(self) -> "FileJudge":
        from aniworld_core.adapters.library.file_judge import FileJudge

        return FileJudge([os.path.realpath(root) for root in (self._root, *self._others)])

    def _judged(self, judge: "FileJudge", files: Sequence[str]) -> dict[str, str]:
        bad: dict[str, str] = {}
        for file in files:
            try:
                problem = judge.problem(self._path_of(file))
            except UnsafePathError as error:
                problem = error.reason
            if problem:
                bad[file] = problem
        return bad


def _root_of(reach: Reach) -> LibraryRoot:
    try:
        listing = root_listing(reach)
    except OSError as error:
        return LibraryRoot(name=reach.name, path=reach.root, problem=os_reason(error))
    return LibraryRoot(
        name=reach.name,
        path=reach.root,
        folders=tuple(listing.folders),
        ignored=tuple(listing.ignored),
    )


def _identity(reach: Reach) -> tuple[int, int]:
    with library_errors(Path(reach.root)):
        status = os.stat(reach.root)  # noqa: PTH116
        return (status.st_dev, status.st_ino)


def _walked(
    reach: Reach, identity: tuple[int, int], batch: Sequence[tuple[FolderName, str | None]]
) -> list[FolderContents]:
    found = [folder_contents(reach, name, known) for name, known in batch]
    # If the whole drive is gone, the folder is not missing.
    if None in found and _identity(reach) != identity:
        raise LibraryUnavailableError(reach.root, Message("changed_during_scan"))
    return [contents for contents in found if contents is not None]
