"""Read one series folder: names and folder times only, without a stat per file.

The stamp of a folder is a JSON object of its subfolders and their modification times. The next
scan reads only those times and the folders that changed.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from aniworld_core.domain.identity import FolderName
from aniworld_core.domain.library import FoundFile, is_ignored_name, is_video_name, video_suffix
from aniworld_core.messages import os_reason
from aniworld_core.ports.library import FolderContents

#: Most folder levels below a series folder; also ends loops of links.
MAX_DEPTH = 3

_Bad = list[tuple[str, str]]


def folder_names(root: Path) -> list[FolderName]:
    """Return the series folders of a library by name; `""` comes first if the root has files.

    Raises:
        OSError: If the root cannot be read.
    """
    real_root = os.path.realpath(root)
    folders: set[FolderName] = set()
    with os.scandir(root) as entries:
        for entry in entries:
            if is_ignored_name(entry.name) or not _is_text(entry.name):
                continue
            if _is_folder(entry, real_root):
                folders.add(FolderName(entry.name))
            elif is_video_name(entry.name):
                folders.add(FolderName(""))
    return sorted(folders)


def folder_contents(root: Path, folder: FolderName, known: str | None) -> FolderContents | None:
    """Return the content of a series folder, or `None` if it is gone."""
    top = os.path.join(root, folder) if folder else os.fspath(root)  # noqa: PTH118 - hot path
    if known and _is_unchanged(top, known):
        return FolderContents(folder=folder, stamp=known, is_unchanged=True)
    files: list[FoundFile] = []
    bad: _Bad = []
    times: dict[str, int] = {}
    try:
        _walk(top, os.path.realpath(root), 0 if folder else MAX_DEPTH, (files, bad, times))
    except FileNotFoundError:
        return None
    except OSError as error:
        return FolderContents(folder=folder, stamp="", unreadable=(("", _reason(error)),))
    return FolderContents(
        folder=folder,
        stamp=json.dumps(times, separators=(",", ":"), ensure_ascii=False),
        files=tuple(sorted(files)),
        unreadable=tuple(sorted(bad)),
    )


def _walk(
    top: str, real_root: str, first_depth: int, found: tuple[list[FoundFile], _Bad, dict[str, int]]
) -> None:
    """Collect files, unreadable entries and folder times; raise errors of *top* itself."""
    files, bad, times = found
    waiting = [("", first_depth)]
    while waiting:
        below, depth = waiting.pop()
        path = f"{top}/{below}" if below else top
        try:
            # The time is read first, so a change while reading makes the stamp outdated.
            times[below] = os.stat(path).st_mtime_ns  # noqa: PTH116 - hot path
            for name, is_folder, problem in _entries(path, real_root):
                place = f"{below}/{name}" if below else name
                if problem:
                    bad.append((place, problem))
                elif not is_folder:
                    status = os.stat(f"{path}/{name}")  # noqa: PTH116 - hot path
                    files.append(FoundFile(place, status.st_size, status.st_mtime_ns))
                elif depth < MAX_DEPTH:
                    waiting.append((place, depth + 1))
        except OSError as error:
            if not below:
                raise
            if not isinstance(error, FileNotFoundError):
                bad.append((below, _reason(error)))


def _entries(path: str, real_root: str) -> Iterator[tuple[str, bool, str]]:
    """Yield name, whether it is a folder, and the problem with it, if any."""
    with os.scandir(path) as entries:
        for entry in entries:
            name = entry.name
            if is_ignored_name(name):
                continue
            if not name.isascii() and not _is_text(name):
                if not entry.is_dir(follow_symlinks=False):
                    yield _printable(name), False, "its name is no valid text"
            elif entry.is_file(follow_symlinks=False):
                if video_suffix(name):
                    yield name, False, ""
            elif _is_folder(entry, real_root):
                yield name, True, ""
            elif entry.is_symlink() and video_suffix(name):
                yield from _linked_file(entry, real_root)


def _linked_file(entry: os.DirEntry[str], real_root: str) -> Iterator[tuple[str, bool, str]]:
    if _leads_inside(entry.path, real_root):
        is_file = os.path.isfile(entry.path)  # noqa: PTH113 - unlike the entry, takes loops calmly
        problem = "" if is_file else "the link leads nowhere"
        yield entry.name, False, problem


def _is_folder(entry: os.DirEntry[str], real_root: str) -> bool:
    if not entry.is_symlink():
        return entry.is_dir(follow_symlinks=False)
    return os.path.isdir(entry.path) and _leads_inside(entry.path, real_root)  # noqa: PTH112


def _leads_inside(path: str, real_root: str) -> bool:
    """Return whether a link leads below the root, and not to a folder that contains it."""
    target = os.path.realpath(path) + os.sep
    here = os.path.realpath(os.path.dirname(path)) + os.sep  # noqa: PTH120
    return target.startswith(real_root.rstrip(os.sep) + os.sep) and not here.startswith(target)


def _is_unchanged(top: str, stamp: str) -> bool:
    try:
        times = json.loads(stamp)
        return bool(times) and all(
            os.stat(f"{top}/{below}" if below else top).st_mtime_ns == time  # noqa: PTH116
            for below, time in times.items()
        )
    except (OSError, ValueError, AttributeError):
        return False


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _printable(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")


def _reason(error: OSError) -> str:
    return os_reason(error)
