"""Recognise files that were renamed or moved by their content."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Final

import attrs

from aniworld_core.application.library.scans.loss_guard import root_of
from aniworld_core.application.library.scans.state import ScanContext
from aniworld_core.application.library.scans.surveying import Surveyed
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.library import (
    FileState,
    FolderOwner,
    FolderRule,
    FoundFile,
    LibraryFile,
    PlacedFolder,
    media_suffix,
    parse_file_name,
)

#: Folders whose records are compared with the disk together.
_BATCH: Final = 250
#: States of files that are of an episode.
_HELD: Final = (FileState.PRESENT, FileState.VERSION, FileState.SUSPECT)
#: States of stored files that may be an earlier copy of a file that is gone now.
_OPEN: Final = (FileState.EXTRA, FileState.UNSURE)


@attrs.define(eq=False)
class MovedFiles:
    """Compares files that are gone with new files of the same size.

    Only new files whose size is that of a file that is gone are opened, so a scan without moved
    files reads no content.
    """

    _context: ScanContext
    _surveyed: Surveyed

    async def find(self) -> Mapping[str, LibraryFile]:
        """Return the former records of files that were renamed or moved, by their new path.

        A file is the same if its fingerprint is. If the former file has none yet, size and time
        must be the same, and no other file may have them.
        """
        gone = [file async for file in self._gone()] if self._surveyed.map.owners else []
        if not gone:
            return {}
        new = await self._new({file.size for file in gone})
        gone = await self._certain([file for file in gone if file.size in new])
        if not gone:
            return {}
        return await self._paired(gone, new)

    async def linked(self, placed: Iterable[PlacedFolder]) -> dict[str, SeriesKey]:
        """Return the files in these folders whose stored link names another series."""
        found: dict[str, SeriesKey] = {}
        tops = [part for part in placed if part.contents.files]
        for start in range(0, len(tops), _BATCH):
            batch = tops[start : start + _BATCH]
            for file in await self._context.files.below({part.contents.path for part in batch}):
                if (file.linked or file.pinned) and file.series_key is not None:
                    found[file.path] = file.series_key
        return found

    async def _gone(self) -> AsyncIterator[LibraryFile]:
        """Yield the files of episodes that are not there any more."""
        surveyed = self._surveyed
        tops = [*surveyed.changed, *surveyed.map.with_parts(surveyed.gone)]
        for start in range(0, len(tops), _BATCH):
            batch = tops[start : start + _BATCH]
            read = [surveyed.changed[top] for top in batch if top in surveyed.changed]
            found = {contents.path_of(name) for contents in read for name in contents.names}
            for file in await self._context.files.below(batch):
                is_held = file.state in _HELD or file.pinned
                if is_held and file.series_key is not None and file.path not in found:
                    yield file

    async def _new(self, sizes: set[int]) -> dict[int, dict[str, FoundFile]]:
        """Return the files of these sizes that are new or of no episode, by size and path."""
        candidates: dict[str, FoundFile] = {}
        for contents in self._surveyed.changed.values():
            for file in contents.files:
                if file.size in sizes and file.size:
                    candidates[contents.path_of(file.path)] = file
        known = await self._context.files.get(candidates)
        found: defaultdict[int, dict[str, FoundFile]] = defaultdict(dict)
        for path, file in candidates.items():
            record = known.get(path)
            is_open = record is None or (record.state in _OPEN and not record.pinned)
            if is_open and path not in self._surveyed.growing:
                found[file.size][path] = file
        return found

    async def _certain(self, gone: Sequence[LibraryFile]) -> list[LibraryFile]:
        """Return the files that are gone for certain: an unreadable one is not."""
        surveyed = self._surveyed
        closed = {root.name for root in surveyed.roots if root.problem}
        closed_places = tuple(
            f"{contents.path_of(place)}/"
            for contents in surveyed.changed.values()
            for place, _ in contents.unreadable
        )
        there = await self._context.library.stat([file.path for file in gone])
        return [
            file
            for file in gone
            if file.path not in there
            and root_of(file.path, surveyed.roots) not in closed
            and not file.path.startswith(closed_places)
        ]

    async def _paired(
        self, gone: Sequence[LibraryFile], new: Mapping[int, Mapping[str, FoundFile]]
    ) -> dict[str, LibraryFile]:
        sizes = {file.size for file in gone if file.fingerprint}
        paths = [path for size in sizes for path in new.get(size, ())]
        by_content: defaultdict[str, list[str]] = defaultdict(list)
        for path, fingerprint in (await self._context.library.fingerprints(paths)).items():
            by_content[fingerprint].append(path)
        moved: dict[str, LibraryFile] = {}
        # Pins and the files of episodes come before other versions of the same content.
        for file in sorted(gone, key=lambda f: (not f.pinned, f.state is FileState.VERSION)):
            if file.fingerprint:
                same = sorted(by_content[file.fingerprint], key=lambda p: _distance(file.path, p))
            else:
                same = _same_stamp(file, gone, new.get(file.size, {}))
            new_path = next((path for path in same if path not in moved), None)
            if new_path is not None:
                moved[new_path] = file
        return moved


def with_links(
    placed: Sequence[PlacedFolder], links: Mapping[str, SeriesKey]
) -> list[PlacedFolder]:
    """Return the folders with linked files placed in their series, wherever they are.

    In the folder of another series, a file with an episode number belongs to that series.

    Args:
        placed: Folders by the names of folders and files.
        links: Stored path → series of files that are known by their content.
    """
    if not links:
        return list(placed)
    found: list[PlacedFolder] = []
    for part in placed:
        contents = part.contents
        by_owner: defaultdict[SeriesKey | None, list[FoundFile]] = defaultdict(list)
        for file in contents.files:
            key = links.get(contents.path_of(file.path))
            is_taken = part.owner.key is not None and _has_number(file.path)
            by_owner[part.owner.key if key is None or is_taken else key].append(file)
        if by_owner.keys() <= {part.owner.key}:
            found.append(part)
            continue
        own = tuple(by_owner.pop(part.owner.key, ()))
        found.append(PlacedFolder(attrs.evolve(contents, files=own), part.owner))
        for key, files in by_owner.items():
            owner = FolderOwner(key=key, rule=FolderRule.STORED)
            linked = attrs.evolve(contents, files=tuple(files), ignored=(), unreadable=())
            found.append(PlacedFolder(linked, owner))
    return found


def as_links(moved: Mapping[str, LibraryFile]) -> dict[str, SeriesKey]:
    """Return the series of moved files by their new path."""
    return {path: file.series_key for path, file in moved.items() if file.series_key is not None}


def _has_number(path: str) -> bool:
    name = path.rpartition("/")[2]
    parsed = parse_file_name(name.removesuffix(media_suffix(name)))
    return bool(parsed.episodes or parsed.absolute)


def _same_stamp(
    file: LibraryFile, gone: Sequence[LibraryFile], new: Mapping[str, FoundFile]
) -> list[str]:
    """Return the only new file with size and time of the only such file that is gone."""
    stamp = (file.size, file.modified_ns)
    same = [path for path, found in new.items() if (found.size, found.modified_ns) == stamp]
    rivals = [other for other in gone if (other.size, other.modified_ns) == stamp]
    return same if len(same) == len(rivals) == 1 else []


def _distance(old: str, new: str) -> tuple[bool, bool, str]:
    """Return the order of new paths: in the same folder first, then in the same series folder."""
    is_beside = old.rpartition("/")[0] == new.rpartition("/")[0]
    return (not is_beside, old.partition("/")[0] != new.partition("/")[0], new)
