"""What the last scan stored about folders, and which series a changed folder concerns."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import attrs

from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import LibraryFolder, LibraryRoot, is_in_root, stored_path
from aniworld_core.messages import Message


def top_of(path: str, roots: Sequence[LibraryRoot]) -> str:
    """Return the stored path of the survey's folder that holds a file or folder."""
    if not path.startswith("/"):
        return path.partition("/")[0] if "/" in path else ""
    root = max((r.name for r in roots if r.name and is_in_root(path, r.name)), key=len, default="")
    below = path[len(root) :].lstrip("/")
    return stored_path(root, below.partition("/")[0] if "/" in below else "")


def entries_of_roots(roots: Iterable[LibraryRoot]) -> dict[str, Message]:
    """Return the entries directly in the roots that no scan reads, by stored path."""
    return {
        stored_path(root.name, entry.path): entry.reason for root in roots for entry in root.ignored
    }


@attrs.frozen(eq=False)
class FolderMap:
    """The stored folders.

    A folder that several series share is stored once for itself, without a series, and once more
    for each part with the series of the part; parts have no stamp.
    """

    _folders: Mapping[str, LibraryFolder]
    _parts: Mapping[str, Sequence[LibraryFolder]]

    @classmethod
    def of(cls, folders: Iterable[LibraryFolder], roots: Sequence[LibraryRoot]) -> "FolderMap":
        """Return the map of stored folders."""
        parts: defaultdict[str, list[LibraryFolder]] = defaultdict(list)
        whole: dict[str, LibraryFolder] = {}
        names = tuple(root.name for root in roots if root.name)
        for folder in folders:
            path = folder.path
            # Most folders are directly in the main root.
            if "/" in path and path not in names and (top := top_of(f"{path}/", roots)) != path:
                parts[top].append(folder)
            else:
                whole[path] = folder
        return cls(whole, parts)

    @property
    def owners(self) -> set[SeriesKey]:
        """The series that have a stored folder."""
        held = (*self._folders.values(), *(p for parts in self._parts.values() for p in parts))
        return {folder.series_key for folder in held if folder.series_key is not None}

    def stamps(self, series: Mapping[SeriesKey, FolderName]) -> dict[str, str]:
        """Return the stamps that spare folders from being read.

        A folder is read again if its series was removed or has another folder now, and if it
        belongs to no series while a series has no folder.
        """
        owned = {folder.series_key for folder in self._folders.values()}
        owned |= {part.series_key for parts in self._parts.values() for part in parts}
        is_complete = series.keys() <= owned
        stamps = {
            path: folder.stamp
            for path, folder in self._folders.items()
            if folder.stamp
            and (folder.series_key in series if folder.series_key is not None else is_complete)
        }
        for key, name in series.items():
            folder = self._folders.get(name)
            if folder is not None and folder.series_key not in (key, None):
                stamps.pop(name, None)
        return stamps

    def keys_of(self, paths: Iterable[str]) -> set[SeriesKey]:
        """Return the series that had files in these folders."""
        found: set[SeriesKey] = set()
        for path in paths:
            held = [self._folders[path]] if path in self._folders else []
            for folder in (*held, *self._parts.get(path, ())):
                if folder.series_key is not None:
                    found.add(folder.series_key)
        return found

    def gone(self, seen: Collection[str], roots: Sequence[LibraryRoot]) -> list[str]:
        """Return the stored folders in these roots that the survey did not find."""
        names = [root.name for root in roots]
        return [
            path
            for path in self._folders.keys() - set(seen)
            if any(path == name or is_in_root(path, name) for name in names)
        ]

    def with_parts(self, paths: Iterable[str]) -> list[str]:
        """Return these folders with their parts, as they are stored."""
        return [
            each
            for path in paths
            for each in (path, *(part.path for part in self._parts.get(path, ())))
        ]
