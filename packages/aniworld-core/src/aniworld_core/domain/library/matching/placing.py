"""Divide the folders of a library among the series, also below grouping folders."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library.entry_rules import EntryRole, folder_rule
from aniworld_core.domain.library.file_names.names import parse_file_name, season_of_folder
from aniworld_core.domain.library.files import FolderContents, FoundFile
from aniworld_core.domain.library.matching.folder_names import read_folder_name
from aniworld_core.domain.library.matching.folders import FolderIndex, FolderOwner
from aniworld_core.domain.library.matching.folding import same_title
from aniworld_core.domain.library.matching.marks import FolderMarks

#: Most grouping folders above the folder of a series: `Anime/Serien/Alpha`.
GROUPING_DEPTH: Final = 2


@attrs.frozen
class PlacedFolder:
    """A folder of the library, or a part of it, with the series it belongs to.

    Attributes:
        contents: The folder with the files that belong together; paths are relative to it.
        owner: Its series, or why it has none.
    """

    contents: FolderContents
    owner: FolderOwner


@attrs.frozen
class PlacedFolders:
    """All folders of a library by series; every file is in exactly one of them.

    Attributes:
        owned: Folders by series; a series can have several.
        unsure: Folders that may belong to a series, with the reason for the doubt.
        strangers: Folders that no stored series fits.
    """

    owned: Mapping[SeriesKey, tuple[PlacedFolder, ...]]
    unsure: tuple[PlacedFolder, ...]
    strangers: tuple[PlacedFolder, ...]


def marked_paths(contents: FolderContents) -> Iterator[str]:
    """Yield the stored paths of the folders whose marks decide: it and those that it can group."""
    yield contents.path
    seen: set[str] = set()
    for file in contents.files:
        parts = file.path.split("/")[:-1]
        for depth in range(1, min(len(parts), GROUPING_DEPTH) + 1):
            inner = "/".join(parts[:depth])
            if inner not in seen and _can_be_series(parts[depth - 1]):
                yield contents.path_of(inner)
            seen.add(inner)


def place_folders(
    index: FolderIndex,
    folders: Iterable[FolderContents],
    marks: Mapping[str, FolderMarks] | None = None,
) -> PlacedFolders:
    """Divide folders among series.

    A folder that no series owns can group the folders of several series, up to two levels deep.
    A folder of a series can hold the folder of another one. Files directly in the root, in a
    grouping folder, or in a folder with another title than theirs belong to the series that
    their own names give.

    Args:
        index: The stored series.
        folders: Folders that were read, with their files.
        marks: Stored path of a folder -> what its key file and NFO say.
    """
    division = _Division(index, marks or {})
    owned: defaultdict[SeriesKey, list[PlacedFolder]] = defaultdict(list)
    unsure: list[PlacedFolder] = []
    strangers: list[PlacedFolder] = []
    for placed in (part for contents in folders for part in division.parts(contents)):
        if placed.owner.key is not None:
            owned[placed.owner.key].append(placed)
        else:
            (unsure if placed.owner.candidates else strangers).append(placed)
    return PlacedFolders(
        {key: tuple(parts) for key, parts in owned.items()}, tuple(unsure), tuple(strangers)
    )


@attrs.frozen(eq=False)
class _Division:
    """Divide folders with the same index and marks."""

    _index: FolderIndex
    _marks: Mapping[str, FolderMarks]

    def parts(self, contents: FolderContents) -> list[PlacedFolder]:
        """Return the parts of one folder of the survey."""
        if contents.folder:
            return self._divide(contents, 0)
        return self._placed_loose(contents, contents.files)

    def _divide(self, contents: FolderContents, depth: int) -> list[PlacedFolder]:
        owner = self._owner(contents)
        direct, inner = _by_subfolder(contents.files)
        plain = {name: files for name, files in inner.items() if _can_be_series(name)}
        if owner.key is not None or owner.candidates:
            return self._placed_owned(contents, owner, plain)
        whole = [PlacedFolder(contents, owner)]
        if depth >= GROUPING_DEPTH or not (plain or _is_collection(contents, direct, inner)):
            return whole
        parts = self._placed_loose(contents, direct) if direct else []
        for name, files in inner.items():
            part = _part(contents, name, files)
            is_bonus = folder_rule(name).role is not EntryRole.PLAIN
            parts += [PlacedFolder(part, owner)] if is_bonus else self._divide(part, depth + 1)
        if any(part.owner.key is not None or part.owner.candidates for part in parts):
            return parts
        is_series = len(plain) < len(inner) or bool(direct) or _is_one_series(contents, inner)
        return whole if is_series else parts

    def _placed_owned(
        self,
        contents: FolderContents,
        owner: FolderOwner,
        inner: Mapping[str, tuple[FoundFile, ...]],
    ) -> list[PlacedFolder]:
        """Return the folder of a series without the folders in it that other series own."""
        others: list[PlacedFolder] = []
        for name, files in inner.items():
            part = _part(contents, name, files)
            other = self._owner(part)
            if other.key not in (None, owner.key) and other.is_exact:
                others.append(PlacedFolder(part, other))
        if not others:
            return [PlacedFolder(contents, owner)]
        starts = tuple(f"{other.contents.folder.rpartition('/')[2]}/" for other in others)
        kept = tuple(file for file in contents.files if not file.path.startswith(starts))
        return [PlacedFolder(attrs.evolve(contents, files=kept), owner), *others]

    def _placed_loose(
        self, contents: FolderContents, files: tuple[FoundFile, ...]
    ) -> list[PlacedFolder]:
        """Place files that are in no folder of their own by the titles in their names."""
        by_owner: defaultdict[SeriesKey | None, list[FoundFile]] = defaultdict(list)
        owners: dict[SeriesKey | None, FolderOwner] = {None: FolderOwner()}
        for file in files:
            title = parse_file_name(file.path.rpartition("/")[2]).title
            owner = self._index.titled(title) if title else FolderOwner()
            owners.setdefault(owner.key, owner)
            by_owner[owner.key].append(file)
        empty = attrs.evolve(contents, ignored=(), unreadable=())
        return [
            PlacedFolder(attrs.evolve(empty, files=tuple(some)), owners[key])
            for key, some in by_owner.items()
        ]

    def _owner(self, contents: FolderContents) -> FolderOwner:
        marks = self._marks.get(contents.path)
        if marks is None:
            return self._index.owner(contents.path)
        return self._index.owner(contents.path, marks)


def _is_one_series(contents: FolderContents, inner: Iterable[str]) -> bool:
    """Return whether the folders in a folder without owner are parts of one series."""
    outer = read_folder_name(contents.folder.rpartition("/")[2]).title
    return all(
        any(same_title(outer, title) for title, _ in read_folder_name(name).titles)
        for name in inner
    )


def _is_collection(
    contents: FolderContents, direct: Iterable[FoundFile], inner: Iterable[str]
) -> bool:
    """Return whether the files in a folder without owner name other series than the folder does.

    A folder of downloads is a collection. A folder `Alpha (2021)` with `Alpha - 01.mkv` is the
    folder of one series, even if the library has only another `Alpha`.
    """
    if any(season_of_folder(name) is not None for name in inner):
        return False
    titles = {parse_file_name(file.path).title for file in direct} - {""}
    outer = [title for title, _ in read_folder_name(contents.folder.rpartition("/")[2]).titles]
    return bool(titles) and not any(same_title(one, other) for one in titles for other in outer)


def _by_subfolder(
    files: Iterable[FoundFile],
) -> tuple[tuple[FoundFile, ...], dict[str, tuple[FoundFile, ...]]]:
    """Return the files directly in a folder, and the others by subfolder."""
    direct: list[FoundFile] = []
    inner: defaultdict[str, list[FoundFile]] = defaultdict(list)
    for file in files:
        name, slash, _ = file.path.partition("/")
        (inner[name] if slash else direct).append(file)
    return tuple(direct), {name: tuple(some) for name, some in sorted(inner.items())}


def _part(contents: FolderContents, name: str, files: tuple[FoundFile, ...]) -> FolderContents:
    """Return a subfolder as a folder of its own."""
    start = f"{name}/"
    return attrs.evolve(
        contents,
        folder=FolderName(f"{contents.folder}/{name}" if contents.folder else name),
        files=tuple(file._replace(path=file.path[len(start) :]) for file in files),
        ignored=(),
        unreadable=(),
    )


def _can_be_series(name: str) -> bool:
    """Return whether a subfolder can be the folder of a series: no season, disc or bonus folder."""
    if folder_rule(name).role is not EntryRole.PLAIN or season_of_folder(name) == 0:
        return False
    return not read_folder_name(name).is_only_part
