"""Read what changed on disk since the last scan."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

import attrs

from aniworld_core.application.library.scans.folder_map import FolderMap
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import FolderContents, LibraryFolder, LibraryRoot, stored_path
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import MediaLibrary

if TYPE_CHECKING:
    from aniworld_core.application.library.scans.file_checks import FileChecks

#: Unchanged folders whose files are looked at in one scan; larger libraries take turns.
_VERIFIED: Final = 1000


@attrs.frozen(kw_only=True)
class Surveyed:
    """The folders of a scan.

    Attributes:
        roots: All roots.
        map: Folders as the last scan stored them.
        changed: Folders that were read, by stored path.
        gone: Stored folders that are not there any more.
        seen: Stored paths of the folders that are there; empty unless all were looked at.
        with_files: Names of the roots in which a file was found.
        growing: Files that changed during the scan.
        is_whole: Whether all folders were looked at.
    """

    roots: Sequence[LibraryRoot]
    map: FolderMap
    changed: Mapping[str, FolderContents]
    gone: Sequence[str]
    seen: Collection[str]
    with_files: frozenset[str]
    growing: frozenset[str]
    is_whole: bool


class StoredFolders(Protocol):
    """What a survey compares the disk with; see `LibraryFileRepository`."""

    async def folders(self) -> Sequence[LibraryFolder]:
        """Return every stored folder, ordered by path."""
        ...

    async def stamps_below(self, folders: Collection[str]) -> Mapping[str, tuple[int, int]]:
        """Return size and time of the files in these folders by path."""
        ...


@attrs.define(eq=False, kw_only=True)
class Survey:
    """Surveys the library once.

    Attributes:
        _checks: Finds growing files; `None` leaves that to a later scan.
    """

    _library: MediaLibrary
    _files: StoredFolders
    _checks: "FileChecks | None"
    _clock: Clock

    async def look(
        self,
        roots: Sequence[LibraryRoot],
        series: Mapping[SeriesKey, FolderName],
        *,
        is_full: bool,
        only: Sequence[str] | None,
    ) -> Surveyed:
        """Read the changed folders.

        Args:
            roots: All roots; those with a problem are left out.
            series: Folder of every series.
            is_full: Whether unchanged folders are read as well.
            only: Stored paths of the only folders to read, or `None` for all.

        Raises:
            LibraryUnavailableError: If a root cannot be read.
        """
        readable = [root for root in roots if not root.problem]
        folders = FolderMap.of(await self._files.folders(), roots)
        changed: dict[str, FolderContents] = {}
        seen: set[str] = set()
        with_files: set[str] = set()
        unchanged: list[str] = []
        if only is not None:
            # A reported folder may be one that no scan reads, such as the recycle bin or a link.
            listed = {stored_path(root.name, each) for root in readable for each in root.folders}
            for contents in await self._library.read_folders(listed.intersection(only)):
                changed[contents.path] = contents
            gone = [path for path in folders.gone(changed, readable) if path in only]
            # An empty root looks unmounted, whatever folder is scanned.
            with_files = {root.name for root in readable if root.folders}
        else:
            known = {} if is_full else folders.stamps(series)
            async for batch in self._library.survey(known, roots=readable):
                for contents in batch:
                    path = contents.path
                    seen.add(path)
                    if contents.is_unchanged:
                        unchanged.append(path)
                    else:
                        changed[path] = contents
                    if contents.is_unchanged or contents.files or contents.unreadable:
                        with_files.add(contents.root)
            gone = folders.gone(seen, readable)
            altered = await self._altered(in_turns(unchanged, self._clock), unchanged)
            for contents in await self._library.read_folders(altered) if altered else ():
                changed[contents.path] = contents
        growing = await self._checks.growing(changed.values()) if self._checks else ()
        return Surveyed(
            roots=roots,
            map=folders,
            changed=changed,
            gone=gone,
            seen=seen,
            with_files=frozenset(with_files),
            growing=frozenset(growing),
            is_whole=only is None,
        )

    async def _altered(self, paths: Sequence[str], tops: Sequence[str]) -> set[str]:
        """Return the unchanged folders that hold a file with another size or time."""
        if not paths:
            return set()
        known = {
            path: stamp
            for path, stamp in (await self._files.stamps_below(paths)).items()
            if stamp[1]
        }
        current = await self._library.stat(known)
        folders = set(tops)
        altered = (path for path, state in known.items() if current.get(path) != state)
        return {outer for path in altered for outer in _outer(path) if outer in folders}


def in_turns(items: Sequence[str], clock: Clock) -> Sequence[str]:
    """Return the items that this scan looks at closely: at most 1,000, other ones next time."""
    turns = -(-len(items) // _VERIFIED)
    if turns <= 1:
        return items
    # Scans run at the same minute of every day; their milliseconds differ.
    turn = int(clock.now().timestamp() * 1000) % turns
    return items[turn::turns]


def _outer(path: str) -> list[str]:
    """Return the folders above a stored path, nearest first."""
    found: list[str] = []
    while "/" in path:
        path = path.rpartition("/")[0]
        found.append(path)
    return [*found, ""]
