"""Check new and changed files: damaged, unreadable, or still growing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

import attrs

from aniworld_core.application.library.scans.folder_map import top_of
from aniworld_core.application.library.scans.loss_guard import root_of
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import (
    FileState,
    FolderContents,
    FoundFile,
    LibraryFile,
    LibraryRoot,
    is_opaque_name,
)
from aniworld_core.messages import Message, kind_of
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.library import MediaLibrary

#: Seconds for which a changed file may still be growing.
_RECENT: Final = 10
#: Time between two looks at the size of a recent file.
_WAIT: Final = timedelta(seconds=0.25)
_NANOSECONDS: Final = 10**9
#: Reasons that are about the content of a file; others mean that it cannot be read now.
_CONTENT: Final = frozenset(
    {"file_empty", "file_cut_off", "file_is_page", "file_is_zeros", "file_no_container"}
)
#: Reasons of links whose targets were not read.
_CLOSED_LINKS: Final = frozenset({"link_broken", "link_outside", "link_loop"})
_EMPTY: Final = Message("file_empty")


@attrs.frozen(kw_only=True)
class CheckedFiles:
    """Result of a check.

    Attributes:
        bad: Damaged files with the reason.
        unreadable: Files that cannot be read now, with the reason.
    """

    bad: dict[str, Message]
    unreadable: dict[str, Message]


@attrs.define(eq=False, kw_only=True)
class FileChecks:
    """Checks files of one scan.

    Args:
        is_full: Whether unchanged files are checked as well.
    """

    _library: MediaLibrary
    _clock: Clock
    _is_full: bool = False

    async def growing(self, folders: Iterable[FolderContents]) -> set[str]:
        """Return the files whose size or time changed during the scan.

        Files that changed in the last seconds are looked at twice.
        """
        now = self._clock.now().timestamp() * _NANOSECONDS
        recent = {
            contents.path_of(file.path): (file.size, file.modified_ns)
            for contents in folders
            for file in contents.files
            if abs(now - file.modified_ns) < _RECENT * _NANOSECONDS
        }
        if not recent:
            return set()
        await self._clock.sleep(_WAIT)
        current = await self._library.stat(recent)
        return {path for path, state in recent.items() if current.get(path, state) != state}

    async def check(
        self, folders: Iterable[FolderContents], known: Mapping[str, LibraryFile]
    ) -> CheckedFiles:
        """Check the files that are new or changed; keep the result for the others.

        Args:
            folders: Folders with their files.
            known: Stored path → record of the last scan.
        """
        bad: dict[str, Message] = {}
        fresh: list[str] = []
        for contents in folders:
            for file in contents.files:
                path = contents.path_of(file.path)
                record = known.get(path)
                if not file.size and not is_opaque_name(path):
                    bad[path] = _EMPTY
                elif record is None or self._is_due(record, file):
                    if not is_opaque_name(path):
                        fresh.append(path)
                elif record.state is FileState.DAMAGED and record.reason is not None:
                    bad[path] = record.reason
        unreadable: dict[str, Message] = {}
        for path, reason in (await self._library.check(fresh)).items():
            found = bad if kind_of(reason) in _CONTENT else unreadable
            found[path] = as_message(reason)
        return CheckedFiles(bad=bad, unreadable=unreadable)

    def _is_due(self, record: LibraryFile, file: FoundFile) -> bool:
        return self._is_full or not record.is_same_content(file.size, file.modified_ns)


def as_message(reason: str) -> Message:
    """Return a reason as a message."""
    if isinstance(reason, Message):
        return reason
    return Message("cannot_be_read", reason=reason)


def without_growing(
    contents: FolderContents, growing: Collection[str], known: Mapping[str, LibraryFile]
) -> FolderContents:
    """Return a folder in which growing files are as the last scan left them.

    A growing file that is new is left out. The stamp is empty, so the next scan reads the folder.
    """
    if not growing:
        return contents
    files: list[FoundFile] = []
    is_changed = False
    for file in contents.files:
        path = contents.path_of(file.path)
        if path not in growing:
            files.append(file)
            continue
        is_changed = True
        record = known.get(path)
        if record is not None:
            files.append(FoundFile(file.path, record.size, record.modified_ns))
    return attrs.evolve(contents, files=tuple(files), stamp="") if is_changed else contents


def with_unreadable(
    contents: FolderContents, known: Iterable[str], records: Mapping[str, LibraryFile]
) -> FolderContents:
    """Return a folder to which the known files in its unreadable places are added.

    What cannot be read is not missing. The stamp is empty, so the next scan reads the folder.

    Args:
        contents: The folder.
        known: Stored paths of the files that the series had.
        records: Stored path → record of the last scan.
    """
    closed = [contents.path_of(place) for place, _ in closed_places(contents)]
    if not closed:
        return contents
    found = {contents.path_of(file.path) for file in contents.files}
    start = f"{contents.path}/" if contents.path else ""
    kept = [
        known_file(path, path.removeprefix(start), records)
        for path in known
        if path not in found
        and path.startswith(start)
        and any(path == place or path.startswith(f"{place}/") for place in closed)
    ]
    if not kept and not contents.unreadable:
        return contents
    places = {file.path for file in kept}
    return attrs.evolve(
        contents,
        files=tuple(sorted((*contents.files, *kept))),
        ignored=tuple(entry for entry in contents.ignored if entry.path not in places),
        stamp="",
    )


def closed_places(contents: FolderContents) -> Sequence[tuple[str, str]]:
    """Return the places of a folder that cannot be read, with the reason.

    A link that leads nowhere or outside may be one to a disk that is not mounted.
    """
    links = [(each.path, each.reason) for each in contents.ignored if is_closed_link(each.reason)]
    return [*contents.unreadable, *links]


def is_closed_link(reason: Message) -> bool:
    """Return whether an entry was ignored because it is a link whose target was not read."""
    return reason.kind in _CLOSED_LINKS


def known_file(path: str, name: str, records: Mapping[str, LibraryFile]) -> FoundFile:
    """Return a file as the last scan left it."""
    record = records.get(path)
    return (
        FoundFile(name, 1, 0)
        if record is None
        else FoundFile(name, record.size, record.modified_ns)
    )


def known_paths(
    series_files: Iterable[str | None], records: Iterable[LibraryFile]
) -> Sequence[str]:
    """Return the stored paths of files that a series had: of its episodes and its records.

    Records of entries that were not followed, such as links, are no files.
    """
    files = {file for file in series_files if file}
    return sorted(files.union(record.path for record in records if not _is_placeholder(record)))


def _is_placeholder(record: LibraryFile) -> bool:
    return not record.size and not record.modified_ns


def left_alone(
    root: LibraryRoot,
    known: Iterable[str],
    records: Mapping[str, LibraryFile],
    roots: Sequence[LibraryRoot],
) -> list[FolderContents]:
    """Return the known files in a root that cannot be read, by folder."""
    by_top: defaultdict[str, list[str]] = defaultdict(list)
    for path in known:
        if root_of(path, roots) == root.name:
            by_top[top_of(path, roots)].append(path)
    found: list[FolderContents] = []
    for top, paths in by_top.items():
        start = f"{top}/" if top else ""
        files = [known_file(path, path.removeprefix(start), records) for path in paths]
        folder = FolderName(top[len(root.name) :].lstrip("/"))
        found.append(
            FolderContents(folder=folder, root=root.name, stamp="", files=tuple(sorted(files)))
        )
    return found
