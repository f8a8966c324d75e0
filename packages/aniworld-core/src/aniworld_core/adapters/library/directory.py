"""The library as a local folder."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TypeVar

import anyio
import anyio.to_thread
import attrs

from aniworld_core.adapters.library.container_marks import HEAD_BYTES, container_problem
from aniworld_core.adapters.library.part_files import remove_unfinished, unfinished_files
from aniworld_core.adapters.library.places import (
    check_relative,
    is_in_use,
    is_leftover_of,
    library_errors,
    move_family,
    prepare_folder,
    real_path_inside,
    remove_entry,
)
from aniworld_core.adapters.library.recycle_bin import move_to_bin
from aniworld_core.adapters.library.walk import folder_contents, folder_names
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import fold_name, is_video_name, video_suffix
from aniworld_core.errors import LibraryUnavailableError, UnsafePathError
from aniworld_core.messages import os_reason
from aniworld_core.ports.library import FolderContents, MediaLibrary, UnfinishedFile

T = TypeVar("T")

_BATCH = 200


def _absolute(path: Path | str) -> Path:
    # Not resolved: the target of a link may change, the configured path stays.
    return Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100


@attrs.define(eq=False)
class DirectoryLibrary(MediaLibrary):
    """Library in a local folder; reads names in one worker thread, and only changed folders."""

    _root: Path = attrs.field(converter=_absolute)
    #: More threads only compete for the interpreter and the disk.
    _reader: anyio.CapacityLimiter = attrs.field(
        factory=lambda: anyio.CapacityLimiter(1), init=False
    )

    @property
    def root(self) -> Path:
        return self._root

    async def survey(
        self, known: Mapping[FolderName, str] | None = None
    ) -> AsyncIterator[Sequence[FolderContents]]:
        stamps = dict(known or {})
        identity, folders = await self._read(self._listed)
        for start in range(0, len(folders), _BATCH):
            batch = [(name, stamps.get(name)) for name in folders[start : start + _BATCH]]

            def walk(
                batch: Sequence[tuple[FolderName, str | None]] = batch,
            ) -> list[FolderContents]:
                return self._walked(identity, batch)

            yield await self._read(walk)

    async def first_folder(self, names: Sequence[FolderName]) -> FolderContents | None:
        def look() -> FolderContents | None:
            identity, folders = self._listed()
            there = {fold_name(folder): folder for folder in folders}
            chosen = next((there[n] for n in map(fold_name, names) if n in there), None)
            found = [] if chosen is None else self._walked(identity, [(chosen, None)])
            return found[0] if found else None

        return await self._read(look)

    async def destination(self, path: PurePosixPath) -> Path:
        def prepare() -> Path:
            parts = check_relative(path)
            with library_errors(self._root):
                prepare_folder(self._root, parts)
            return self._root.joinpath(*parts)

        return await anyio.to_thread.run_sync(prepare)

    def relative(self, path: Path) -> str:
        absolute = _absolute(path)
        if absolute == self._root or not absolute.is_relative_to(self._root):
            raise UnsafePathError(str(path), f"it is not below {self._root}")
        return absolute.relative_to(self._root).as_posix()

    async def find_file(self, path: PurePosixPath) -> str | None:
        def find() -> str | None:
            folder = self._root.joinpath(*check_relative(path)[:-1])
            try:
                real_path_inside(self._root, folder)
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
        def clear() -> None:
            path = self._root.joinpath(*check_relative(PurePosixPath(file)))
            real_path_inside(self._root, path.parent)
            stem = path.name.removesuffix(video_suffix(path.name))
            if self._root.is_dir() and not path.parent.is_dir():
                return  # no folder, no leftovers
            with library_errors(self._root):
                names = os.listdir(path.parent)  # noqa: PTH208 - names are all it takes
                leftovers = [name for name in names if is_leftover_of(stem, name)]
                if not is_in_use(path.parent, leftovers):
                    for name in leftovers:
                        remove_entry(path.parent / name)

        await anyio.to_thread.run_sync(clear)

    async def unfinished(self) -> Sequence[UnfinishedFile]:
        def look() -> Sequence[UnfinishedFile]:
            with library_errors(self._root):
                return [
                    UnfinishedFile(final=self.relative(final), bytes=size)
                    for final, size in unfinished_files(self._root)
                ]

        return await self._read(look)

    async def remove_unfinished(self, file: UnfinishedFile) -> None:
        def remove() -> None:
            path = self._root.joinpath(*check_relative(PurePosixPath(file.final)))
            with library_errors(self._root):
                real_path_inside(self._root, path.parent)
                remove_unfinished(path)

        await anyio.to_thread.run_sync(remove)

    async def recycle(self, folder: FolderName, at: datetime) -> str | None:
        def move() -> str | None:
            parts = check_relative(PurePosixPath(folder))
            with library_errors(self._root):
                return move_to_bin(self._root, parts, at)

        return await anyio.to_thread.run_sync(move)

    async def move_in(self, staged: str, stem: PurePosixPath) -> str:
        def move() -> str:
            source = self._root.joinpath(*check_relative(PurePosixPath(staged)))
            parts = check_relative(stem)
            with library_errors(self._root):
                real_path_inside(self._root, source.parent)
                prepare_folder(self._root, parts)
                return self.relative(move_family(source, self._root.joinpath(*parts)))

        return await anyio.to_thread.run_sync(move)

    async def check(self, files: Sequence[str]) -> Mapping[str, str]:
        bad: dict[str, str] = {}
        for start in range(0, len(files), _BATCH):
            batch = tuple(files[start : start + _BATCH])
            bad |= await self._read(lambda batch=batch: self._judged(batch))  # type: ignore[misc]
        return bad

    async def free_bytes(self) -> int:
        def free() -> int:
            with library_errors(self._root):
                return shutil.disk_usage(self._root).free

        return await anyio.to_thread.run_sync(free)

    async def _read(self, call: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(call, limiter=self._reader)

    def _listed(self) -> tuple[tuple[int, int], list[FolderName]]:
        with library_errors(self._root):
            return self._identity(), folder_names(self._root)

    def _identity(self) -> tuple[int, int]:
        status = self._root.stat()
        return (status.st_dev, status.st_ino)

    def _walked(
        self, identity: tuple[int, int], batch: Sequence[tuple[FolderName, str | None]]
    ) -> list[FolderContents]:
        found = [folder_contents(self._root, name, known) for name, known in batch]
        if None in found:
            # If the whole drive is gone, the folder is not missing.
            with library_errors(self._root):
                if self._identity() != identity:
                    raise LibraryUnavailableError(str(self._root), "it changed during the scan")
        return [contents for contents in found if contents is not None]

    def _judged(self, files: Sequence[str]) -> dict[str, str]:
        judged = ((name, self._problem(name)) for name in files)
        return {name: problem for name, problem in judged if problem}

    def _problem(self, name: str) -> str | None:
        try:
            path = self._root.joinpath(*check_relative(PurePosixPath(name)))
            with open(real_path_inside(self._root, path), "rb") as file:  # noqa: PTH123
                return container_problem(file.read(HEAD_BYTES))
        except OSError as error:
            return os_reason(error)
        except UnsafePathError as error:
            return error.reason
