"""The library folder that the configuration names."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath

import attrs

from aniworld_core.adapters.library.directory import DirectoryLibrary
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import FolderMarks, LibraryRoot
from aniworld_core.errors import LibraryNotSetError
from aniworld_core.ports.library import FolderContents, MediaLibrary, UnfinishedFile


@attrs.define(eq=False)
class ConfiguredLibrary(MediaLibrary):
    """Library that follows the configuration, so that a change applies at once.

    Every method raises `LibraryNotSetError` until a folder is set.

    Attributes:
        _fixed: Root of the command line or environment; it overrides the configuration.
    """

    _current: CurrentConfig
    _fixed: Path | None = None
    _opened: DirectoryLibrary | None = attrs.field(default=None, init=False)

    @property
    def root(self) -> Path:
        return self._library.root

    @property
    def other_roots(self) -> Sequence[Path]:
        return self._library.other_roots

    async def roots(self) -> Sequence[LibraryRoot]:
        return await self._library.roots()

    def survey(
        self,
        known: Mapping[str, str] | None = None,
        *,
        roots: Sequence[LibraryRoot] | None = None,
    ) -> AsyncIterator[Sequence[FolderContents]]:
        return self._library.survey(known, roots=roots)

    async def read_folders(self, paths: Collection[str]) -> Sequence[FolderContents]:
        return await self._library.read_folders(paths)

    async def folder_marks(self, paths: Collection[str]) -> Mapping[str, FolderMarks]:
        return await self._library.folder_marks(paths)

    async def changes(self) -> AsyncIterator[set[str]]:
        async for folders in self._library.changes():
            yield folders

    async def stat(self, files: Collection[str]) -> Mapping[str, tuple[int, int]]:
        return await self._library.stat(files)

    async def first_folder(self, names: Sequence[FolderName]) -> FolderContents | None:
        return await self._library.first_folder(names)

    async def destination(self, path: PurePosixPath) -> Path:
        return await self._library.destination(path)

    def relative(self, path: Path) -> str:
        return self._library.relative(path)

    async def find_file(self, path: PurePosixPath) -> str | None:
        return await self._library.find_file(path)

    async def clear_leftovers(self, file: str) -> None:
        await self._library.clear_leftovers(file)

    async def unfinished(self) -> Sequence[UnfinishedFile]:
        return await self._library.unfinished()

    async def remove_unfinished(self, file: UnfinishedFile) -> None:
        await self._library.remove_unfinished(file)

    async def check(self, files: Sequence[str]) -> Mapping[str, str]:
        return await self._library.check(files)

    async def fingerprints(self, files: Collection[str]) -> Mapping[str, str]:
        return await self._library.fingerprints(files)

    async def free_bytes(self) -> int:
        return await self._library.free_bytes()

    @property
    def _library(self) -> DirectoryLibrary:
        root = self._fixed or self._current.value.anime_directory
        if root is None:
            raise LibraryNotSetError
        library = DirectoryLibrary(root, self._current.value.library.folders)
        held = self._opened
        if held is None or (held.root, held.other_roots) != (library.root, library.other_roots):
            self._opened = library
        return self._opened or library
