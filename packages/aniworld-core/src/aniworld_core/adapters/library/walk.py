"""Read one series folder: names, folder times, and size and time of each video file.

The stamp of a folder is a JSON object of its subfolders and their modification times. The next
scan reads only those times and the folders that changed.
"""

import json
import os
import stat
from typing import Final

import attrs

from aniworld_core.adapters.library.reach import Reach
from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import (
    EntryRole,
    EntryRule,
    FoundFile,
    IgnoredEntry,
    entry_rule,
    file_rule,
    folder_rule,
)
from aniworld_core.messages import Message, os_reason
from aniworld_core.ports.library import FolderContents

#: Most folder levels below a series folder; also ends loops of links.
MAX_DEPTH = 3

_TOO_DEEP: Final = Message("entry_too_deep", levels=MAX_DEPTH)
_BROKEN: Final = Message("link_broken")
_SPECIAL: Final = Message("entry_special")
_NO_TEXT: Final = Message("entry_no_text")
_VIDEOS: Final = frozenset({EntryRole.VIDEO, EntryRole.OPAQUE})


@attrs.frozen
class Listing:
    """What lies directly in a root.

    Attributes:
        folders: Series folders by name; `""` comes first if the root has video files.
        ignored: Entries that no scan reads, with the reason.
    """

    folders: list[FolderName]
    ignored: list[IgnoredEntry]


def root_listing(reach: Reach) -> Listing:
    """List the series folders in a root, and what is not read.

    Raises:
        OSError: If the root cannot be read.
    """
    folders: set[FolderName] = set()
    ignored: list[IgnoredEntry] = []
    with os.scandir(reach.root) as entries:
        for entry in entries:
            name = entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            is_link = not is_folder and entry.is_symlink()
            if is_link:
                is_folder = os.path.isdir(entry.path)  # noqa: PTH112 - unlike the entry, allows loops
            rule = folder_rule(name) if is_folder else entry_rule(name)
            if rule.role is EntryRole.PLAIN and not is_folder:
                # It may be a link to the folder of a series on a disk that is not mounted.
                if is_link and not os.path.exists(entry.path):  # noqa: PTH110
                    ignored.append(IgnoredEntry(_printable(name), _BROKEN))
                continue
            if not name.isascii() and not _is_text(name):
                ignored.append(IgnoredEntry(_printable(name), _NO_TEXT))
            elif rule.role is EntryRole.IGNORED or (not is_folder and rule.role not in _VIDEOS):
                ignored.append(_ignored(name, rule))
            elif is_link and (reason := reach.link_reason(entry.path)):
                ignored.append(IgnoredEntry(name, reason))
            elif not is_folder:
                folders.add(FolderName(""))
            elif not reach.is_root(entry.path):
                folders.add(FolderName(name))
    return Listing(sorted(folders), sorted(ignored))


def folder_contents(reach: Reach, folder: FolderName, known: str | None) -> FolderContents | None:
    """Return the content of a series folder, or `None` if it is gone."""
    top = f"{reach.root}/{folder}" if folder else reach.root
    if known and _is_unchanged(top, known):
        return FolderContents(folder=folder, root=reach.name, stamp=known, is_unchanged=True)
    walk = _Walk(reach)
    try:
        walk.read(top, 0 if folder else MAX_DEPTH)
    except FileNotFoundError:
        return None
    except OSError as error:
        return FolderContents(
            folder=folder, root=reach.name, stamp="", unreadable=(("", os_reason(error)),)
        )
    return FolderContents(
        folder=folder,
        root=reach.name,
        stamp=json.dumps(walk.times, separators=(",", ":"), ensure_ascii=False),
        files=tuple(sorted(walk.files)),
        # Entries directly in the root are listed by `root_listing`.
        ignored=tuple(sorted(walk.ignored)) if folder else (),
        unreadable=tuple(sorted(walk.bad)),
    )


@attrs.define(eq=False)
class _Walk:
    """Collects files, ignored and unreadable entries, and folder times of one series folder."""

    _reach: Reach
    files: list[FoundFile] = attrs.field(factory=list, init=False)
    ignored: list[IgnoredEntry] = attrs.field(factory=list, init=False)
    bad: list[tuple[str, str]] = attrs.field(factory=list, init=False)
    times: dict[str, int] = attrs.field(factory=dict, init=False)

    def read(self, top: str, first_depth: int) -> None:
        """Read a folder and its subfolders; raise errors of *top* itself."""
        waiting = [("", first_depth)]
        while waiting:
            below, depth = waiting.pop()
            path = f"{top}/{below}" if below else top
            try:
                # The time is read first, so a change while reading makes the stamp outdated.
                self.times[below] = os.stat(path).st_mtime_ns  # noqa: PTH116 - hot path
                inner = self._entries(path, f"{below}/" if below else "")
            except OSError as error:
                if not below:
                    raise
                if not isinstance(error, FileNotFoundError):
                    self.bad.append((below, os_reason(error)))
                continue
            if depth < MAX_DEPTH:
                waiting += [(place, depth + 1) for place in inner]
            else:
                self.ignored += [IgnoredEntry(place, _TOO_DEEP) for place in inner]

    def _entries(self, path: str, start: str) -> list[str]:
        """Read one folder; return its subfolders that are to be read."""
        inner: list[str] = []
        with os.scandir(path) as entries:
            for entry in entries:
                name = entry.name
                if not name.isascii() and not _is_text(name):
                    self._name_is_no_text(entry, start)
                elif entry.is_file(follow_symlinks=False):
                    rule = entry_rule(name)
                    if rule.role in _VIDEOS:
                        self._add(entry, start + name)
                    elif rule.role is not EntryRole.PLAIN:
                        self.ignored.append(_ignored(start + name, rule))
                elif entry.is_dir(follow_symlinks=False) or self._linked(entry, start + name):
                    self._folder(entry, start + name, inner)
        return inner

    def _folder(self, entry: os.DirEntry[str], place: str, inner: list[str]) -> None:
        rule = folder_rule(entry.name)
        if rule.role is EntryRole.IGNORED:
            self.ignored.append(_ignored(place, rule))
        elif rule.role is EntryRole.OPAQUE:
            self._add(entry, place)  # the content of a disc counts as one video
        else:
            inner.append(place)

    def _add(self, entry: os.DirEntry[str], place: str) -> None:
        try:
            status = entry.stat()
        except FileNotFoundError:
            return  # it vanished during the scan
        except OSError as error:
            self.bad.append((place, os_reason(error)))
        else:
            self.files.append(FoundFile(place, status.st_size, status.st_mtime_ns))

    def _linked(self, entry: os.DirEntry[str], place: str) -> bool:
        """Handle a link or special file; return whether it is a link to a folder to read."""
        is_video = file_rule(entry.name).role in _VIDEOS
        if not entry.is_symlink():
            if is_video:
                self.ignored.append(IgnoredEntry(place, _SPECIAL))
            return False
        is_folder = os.path.isdir(entry.path)  # noqa: PTH112 - unlike the entry, allows loops
        is_broken = not is_folder and not os.path.exists(entry.path)  # noqa: PTH110 - the same
        if is_broken and is_video:
            self.bad.append((place, _BROKEN))
        elif is_broken:
            self.ignored.append(IgnoredEntry(place, _BROKEN))
        elif not is_folder and not is_video:
            return False
        elif reason := self._reach.link_reason(entry.path):
            self.ignored.append(IgnoredEntry(place, reason))
        elif is_folder:
            return True
        elif stat.S_ISREG(os.stat(entry.path).st_mode):  # noqa: PTH116
            self._add(entry, place)
        else:
            self.ignored.append(IgnoredEntry(place, _SPECIAL))
        return False

    def _name_is_no_text(self, entry: os.DirEntry[str], start: str) -> None:
        place = start + _printable(entry.name)
        if entry.is_dir(follow_symlinks=False):
            self.ignored.append(IgnoredEntry(place, _NO_TEXT))
        else:
            self.bad.append((place, _NO_TEXT))


def _ignored(place: str, rule: EntryRule) -> IgnoredEntry:
    return IgnoredEntry(place, rule.reason or Message("entry_hidden"))


def _is_unchanged(top: str, stamp: str) -> bool:
    try:
        times = json.loads(stamp)
        for below, time in times.items():
            status = os.stat(f"{top}/{below}" if below else top)  # noqa: PTH116 - hot path
            if status.st_mtime_ns != time:
                return False
    except (OSError, ValueError, AttributeError):
        return False
    return bool(times)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _printable(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")
