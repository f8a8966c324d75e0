"""The library before anybody said where it is."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath

from aniworld_core.domain.identity import FolderName
from aniworld_core.errors import LibraryNotSetError
from aniworld_core.ports.library import FolderContents, MediaLibrary


class UnsetLibrary(MediaLibrary):
    """Answers everything with `LibraryNotSetError`, so that the rest works without a library."""

    @property
    def root(self) -> Path:
        raise LibraryNotSetError

    def survey(
        self, known: Mapping[FolderName, str] | None = None
    ) -> AsyncIterator[Sequence[FolderContents]]:
        raise LibraryNotSetError

    async def destination(self, path: PurePosixPath) -> Path:
        raise LibraryNotSetError

    def relative(self, path: Path) -> str:
        raise LibraryNotSetError

    async def find_file(self, path: PurePosixPath) -> str | None:
        raise LibraryNotSetError

    async def clear_leftovers(self, file: str) -> None:
        raise LibraryNotSetError

    async def recycle(self, folder: FolderName, at: datetime) -> str | None:
        raise LibraryNotSetError

    async def check(self, files: Sequence[str]) -> Mapping[str, str]:
        raise LibraryNotSetError

    async def free_bytes(self) -> int:
        raise LibraryNotSetError
