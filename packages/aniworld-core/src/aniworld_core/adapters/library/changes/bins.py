"""What the recycle bins hold, and how it is deleted for good."""

import os
import re
import shutil
from datetime import UTC, datetime
from typing import Final

from aniworld_core.adapters.library.changes.places import Roots
from aniworld_core.domain.library import BIN, BinEntry

#: Folder that a change creates: time in UTC, and a number for equal names.
_PLACE: Final = re.compile(r"(\d{8}T\d{6}\.\d{6})Z(-\d+)?")


def bin_entries(roots: Roots) -> list[BinEntry]:
    """Return the folders that changes created in the bins of all roots, oldest first.

    Raises:
        OSError: If a bin cannot be read.
    """
    found = []
    for number, root in enumerate(roots.paths):
        top = root / BIN
        if top.is_symlink() or not top.is_dir():
            continue
        stored = f"{root.as_posix()}/{BIN}" if number else BIN
        with os.scandir(top) as places:
            for place in places:
                match = _PLACE.fullmatch(place.name)
                if match and place.is_dir(follow_symlinks=False):
                    at = datetime.strptime(match[1], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
                    path = f"{stored}/{place.name}"
                    found.append(BinEntry(path=path, bytes=_size(place.path), at=at))
    return sorted(found, key=lambda entry: (entry.at, entry.path))


def delete_entry(roots: Roots, entry: BinEntry) -> None:
    """Delete a folder of a bin with its content, without following links.

    Raises:
        OSError: If it cannot be deleted.
    """
    with roots.opened(entry.path) as place:
        if place.status() is not None and _PLACE.fullmatch(place.name):
            shutil.rmtree(place.name, dir_fd=place.folder)


def _size(folder: str) -> int:
    total = 0
    for top, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(top, name)).st_size  # noqa: PTH118
            except FileNotFoundError:
                continue
    return total
