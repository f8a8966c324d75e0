"""Files of the library in memory."""

from collections.abc import Collection, Mapping, Sequence

import anyio.lowlevel
import attrs

from aniworld_core.domain.catalogue import Page
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.domain.library import (
    DeletedFile,
    FileState,
    LibraryFile,
    LibraryFolder,
    LibraryLoss,
    is_in_root,
)
from aniworld_core.messages import kind_of
from aniworld_core.ports.library_files import LibraryFileRepository


@attrs.define(eq=False)
class MemoryLibraryFileRepository(LibraryFileRepository):
    """Files, folders, deletions and losses in dicts."""

    _files: dict[str, LibraryFile] = attrs.field(factory=dict, init=False)
    _folders: dict[str, LibraryFolder] = attrs.field(factory=dict, init=False)
    _deleted: dict[EpisodeRef, DeletedFile] = attrs.field(factory=dict, init=False)
    _losses: dict[str, LibraryLoss] = attrs.field(factory=dict, init=False)

    async def get(self, paths: Collection[str]) -> Mapping[str, LibraryFile]:
        await anyio.lowlevel.checkpoint()
        return {path: self._files[path] for path in paths if path in self._files}

    async def of_series(self, key: SeriesKey) -> Sequence[LibraryFile]:
        await anyio.lowlevel.checkpoint()
        return tuple(file for file in self._ordered() if file.series_key == key)

    async def of_many(
        self, keys: Collection[SeriesKey]
    ) -> Mapping[SeriesKey, Sequence[LibraryFile]]:
        found = {key: await self.of_series(key) for key in keys}
        return {key: files for key, files in found.items() if files}

    async def below(self, folders: Collection[str]) -> Sequence[LibraryFile]:
        await anyio.lowlevel.checkpoint()
        wanted = set(folders)
        return tuple(file for file in self._ordered() if _is_below(file.path, wanted))

    async def stamps_below(self, folders: Collection[str]) -> Mapping[str, tuple[int, int]]:
        return {file.path: (file.size, file.modified_ns) for file in await self.below(folders)}

    async def find(
        self,
        states: Collection[FileState],
        *,
        series: SeriesKey | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> Page[LibraryFile]:
        await anyio.lowlevel.checkpoint()
        found = [file for file in self._ordered() if file.state in states]
        found = [file for file in found if series is None or file.series_key == series]
        end = None if limit is None else offset + limit
        return Page(tuple(found[offset:end]), len(found))

    async def paths(self, states: Collection[FileState]) -> Sequence[str]:
        return [file.path for file in (await self.find(states)).items]

    async def with_reason(self, kind: str) -> Sequence[LibraryFile]:
        await anyio.lowlevel.checkpoint()
        chosen = (file for file in self._ordered() if file.state is not FileState.PRESENT)
        return tuple(file for file in chosen if kind_of(file.reason) == kind)

    async def by_fingerprint(
        self, fingerprints: Collection[str]
    ) -> Mapping[str, Sequence[LibraryFile]]:
        await anyio.lowlevel.checkpoint()
        found: dict[str, list[LibraryFile]] = {}
        for file in self._ordered():
            if file.fingerprint and file.fingerprint in fingerprints:
                found.setdefault(file.fingerprint, []).append(file)
        return found

    async def uninspected(
        self, *, with_sound: bool, after: str = "", limit: int
    ) -> Sequence[LibraryFile]:
        await anyio.lowlevel.checkpoint()
        left_out = (FileState.DAMAGED, FileState.IGNORED)
        found = [f for f in self._ordered() if f.path > after and f.state not in left_out]
        return tuple(f for f in found if not _is_inspected(f, with_sound=with_sound))[:limit]

    async def counts(self) -> Mapping[FileState, int]:
        await anyio.lowlevel.checkpoint()
        states = [file.state for file in self._files.values()]
        return {state: states.count(state) for state in FileState}

    async def sizes(self, keys: Collection[SeriesKey] | None = None) -> Mapping[SeriesKey, int]:
        await anyio.lowlevel.checkpoint()
        sizes: dict[SeriesKey, int] = {}
        for file in self._files.values():
            if file.series_key is not None and file.size:
                sizes[file.series_key] = sizes.get(file.series_key, 0) + file.size
        return {key: size for key, size in sizes.items() if keys is None or key in keys}

    async def sizes_of_roots(self, roots: Collection[str]) -> Mapping[str, int]:
        await anyio.lowlevel.checkpoint()
        return {
            root: sum(file.size for path, file in self._files.items() if is_in_root(path, root))
            for root in roots
        }

    async def save(self, files: Collection[LibraryFile]) -> None:
        await anyio.lowlevel.checkpoint()
        self._files |= {file.path: file for file in files}

    async def forget(self, paths: Collection[str]) -> None:
        await anyio.lowlevel.checkpoint()
        for path in paths:
            self._files.pop(path, None)

    async def folders(self) -> Sequence[LibraryFolder]:
        await anyio.lowlevel.checkpoint()
        return tuple(sorted(self._folders.values()))

    async def save_folders(
        self, folders: Collection[LibraryFolder], *, gone: Collection[str] = ()
    ) -> None:
        await anyio.lowlevel.checkpoint()
        for path in gone:
            self._folders.pop(path, None)
        self._folders |= {folder.path: folder for folder in folders}

    async def deleted(self) -> Sequence[DeletedFile]:
        await anyio.lowlevel.checkpoint()
        return tuple(self._deleted[episode] for episode in sorted(self._deleted))

    async def note_deleted(self, files: Collection[DeletedFile]) -> None:
        await anyio.lowlevel.checkpoint()
        self._deleted |= {file.episode: file for file in files}

    async def forget_deleted(self, episodes: Collection[EpisodeRef]) -> None:
        await anyio.lowlevel.checkpoint()
        for episode in episodes:
            self._deleted.pop(episode, None)

    async def losses(self) -> Sequence[LibraryLoss]:
        await anyio.lowlevel.checkpoint()
        return tuple(self._losses[path] for path in sorted(self._losses))

    async def save_losses(self, losses: Collection[LibraryLoss]) -> None:
        await anyio.lowlevel.checkpoint()
        self._losses = {loss.path: loss for loss in losses}

    def _ordered(self) -> list[LibraryFile]:
        return [self._files[path] for path in sorted(self._files)]


def _is_inspected(file: LibraryFile, *, with_sound: bool) -> bool:
    if not file.fingerprint or file.facts is None:
        return False
    return file.facts.sound is not None or not with_sound


def _is_below(path: str, folders: Collection[str]) -> bool:
    if "/" not in path:
        return "" in folders
    return any(folder and path.startswith(f"{folder}/") for folder in folders)
