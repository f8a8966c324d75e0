"""Find and read NFO files below the library folders, within limits."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from aniworld_core.domain.library import MAX_NFO_BYTES, is_own_nfo

SERIES_NFO: Final = "tvshow.nfo"
#: Levels below a library folder at which a series may have its folder.
_LEVELS: Final = 2
#: Most series folders, and most episode files of one series, to read.
_MOST_SERIES: Final = 20_000
_MOST_EPISODES: Final = 5_000


def series_files(root: Path) -> Iterator[Path]:
    """Yield the `tvshow.nfo` of every series folder below a library folder; blocks."""
    pending = [(root, 0)]
    found = 0
    while pending and found < _MOST_SERIES:
        folder, level = pending.pop()
        names = _names(folder)
        if level and SERIES_NFO in names:
            found += 1
            yield folder / SERIES_NFO
        elif level < _LEVELS:
            pending += [(folder / name, level + 1) for name, is_dir in names.items() if is_dir]


def episode_files(folder: Path) -> Iterator[Path]:
    """Yield the NFO files of the episodes in a series folder and its season folders; blocks."""
    found = 0
    names = _names(folder)
    for place in [folder, *(folder / name for name, is_dir in sorted(names.items()) if is_dir)]:
        for name, is_dir in sorted(_names(place).items()):
            is_nfo = name.lower().endswith(".nfo") and name.lower() not in {
                SERIES_NFO,
                "season.nfo",
            }
            if is_nfo and not is_dir and found < _MOST_EPISODES:
                found += 1
                yield place / name


def read_foreign(path: Path) -> bytes:
    """Return the content of an NFO file that another program wrote; blocks.

    Files that this program wrote hold nothing new. They, unreadable files, links, devices and
    files above the size limit count as empty.
    """
    try:
        # Without blocking on a pipe, and without following a link out of the library.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > MAX_NFO_BYTES:
            return b""
        content = b""
        with suppress(OSError):
            content = file.read(MAX_NFO_BYTES)
    return b"" if is_own_nfo(content) else content


def _names(folder: Path) -> dict[str, bool]:
    """Return the visible entries of a folder, and whether each is a folder; links are left out."""
    try:
        with os.scandir(folder) as entries:
            return {
                entry.name: entry.is_dir(follow_symlinks=False)
                for entry in entries
                if not entry.name.startswith(".") and not entry.is_symlink()
            }
    except OSError:
        return {}
