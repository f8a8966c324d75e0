"""Library folder in memory."""

import re
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath

import anyio.lowlevel
import attrs

from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import (
    FoundFile,
    LibraryRoot,
    fold_name,
    is_ignored_name,
    is_video_name,
    stored_path,
    video_suffix,
)
from aniworld_core.errors import AniworldError, UnsafePathError
from aniworld_core.messages import Message
from aniworld_core.ports.library import FolderContents, MediaLibrary


@attrs.define(eq=False)
class FakeLibrary(MediaLibrary):
    """Library of file names.

    Attributes:
        files: Every file relative to the root, with the result of `check` or `None`.
        stats: Size and modification time in nanoseconds by file; 1 byte at time 0 otherwise.
        contents: Fingerprint by file; its name and size otherwise.
        ledgers: Files that are valid ledgers of transfers.
        error: Error that every method raises while it is set.
        free: Result of `free_bytes`.
    """

    files: dict[str, str | None] = attrs.field(factory=dict)
    stats: dict[str, tuple[int, int]] = attrs.field(factory=dict, kw_only=True)
    contents: dict[str, str] = attrs.field(factory=dict, kw_only=True)
    ledgers: set[str] = attrs.field(factory=set, kw_only=True)
    error: AniworldError | None = None
    free: int = 10**12
    _root: Path = attrs.field(default=Path("/library"), kw_only=True)

    @property
    def root(self) -> Path:
        return self._root

    async def survey(
        self,
        known: Mapping[str, str] | None = None,
        *,
        roots: Sequence[LibraryRoot] | None = None,
    ) -> AsyncIterator[Sequence[FolderContents]]:
        await self._ask()
        folders: dict[FolderName, list[str]] = {}
        for file in sorted(self.files):
            folder, slash, name = file.partition("/")
            place = (FolderName(folder), name) if slash else (FolderName(""), file)
            parts = PurePosixPath(file).parts
            is_counted = is_video_name(parts[-1]) and not any(map(is_ignored_name, parts[:-1]))
            if is_counted and len(parts) <= 5:
                folders.setdefault(place[0], []).append(place[1])
        for folder_name in sorted(folders):
            yield [self._contents(folder_name, folders[folder_name], known or {})]

    async def stat(self, files: Collection[str]) -> Mapping[str, tuple[int, int]]:
        await self._ask()
        return {file: self.stats.get(file, (1, 0)) for file in files if file in self.files}

    async def destination(self, path: PurePosixPath) -> Path:
        await self._ask()
        if path.is_absolute() or not path.parts or ".." in path.parts or "\x00" in str(path):
            raise UnsafePathError(str(path), Message("outside_roots"))
        return self._root / path

    def relative(self, path: Path) -> str:
        if ".." in path.parts or path == self._root or not path.is_relative_to(self._root):
            raise UnsafePathError(str(path), Message("not_below", path=str(self._root)))
        return path.relative_to(self._root).as_posix()

    async def find_file(self, path: PurePosixPath) -> str | None:
        await self._ask()
        for file in sorted(self.files):
            stem = file.removesuffix(video_suffix(file))
            if is_video_name(PurePosixPath(file).name) and fold_name(stem) == fold_name(str(path)):
                return file
        return None

    async def clear_leftovers(self, file: str) -> None:
        await self._ask()
        stem = file.removesuffix(video_suffix(file))
        for ledger in self.ledgers & self.files.keys():
            part = ledger.removesuffix(".ledger")
            if re.fullmatch(rf"{re.escape(stem)}\.[^\W_]+\.part", part):
                ours = re.compile(rf"{re.escape(part)}(\.(ledger|lock|out|s\d+))?")
                for other in [name for name in self.files if ours.fullmatch(name)]:
                    del self.files[other]

    async def check(self, files: Sequence[str]) -> Mapping[str, str]:
        await self._ask()
        judged = {file: self.files.get(file, "it is not there") for file in files}
        return {file: reason for file, reason in judged.items() if reason}

    async def fingerprints(self, files: Collection[str]) -> Mapping[str, str]:
        found = await self.stat(files)
        return {file: self.contents.get(file, f"{file} {found[file][0]}") for file in found}

    async def free_bytes(self) -> int:
        await self._ask()
        return self.free

    def _contents(
        self, folder: FolderName, files: list[str], known: Mapping[str, str]
    ) -> FolderContents:
        found = tuple(
            FoundFile(name, *self.stats.get(stored_path("", folder, name), (1, 0)))
            for name in sorted(files)
        )
        stamp = repr([file.path for file in found])
        if known.get(folder) == stamp:
            return FolderContents(folder=folder, stamp=stamp, is_unchanged=True)
        return FolderContents(folder=folder, stamp=stamp, files=found)

    async def _ask(self) -> None:
        await anyio.lowlevel.checkpoint()
        if self.error is not None:
            raise self.error
