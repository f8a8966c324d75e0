"""Recycle bin of a library: a hidden folder below its root, so that a move is a rename."""

import os
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Final

from aniworld_core.adapters.library.places import real_path_inside
from aniworld_core.errors import UnsafePathError

#: Hidden, so scans ignore it.
BIN: Final = ".recycle"


def move_to_bin(root: Path, parts: Sequence[str], at: datetime) -> str | None:
    """Move the entry at *parts* below the root to the bin; a link is moved, not followed.

    Returns:
        Its new path relative to the root; `None` if there is no such entry.

    Raises:
        UnsafePathError: If it is outside the root, or the bin itself.
        OSError: If it cannot be moved.
    """
    if parts[0].casefold() == BIN:
        raise UnsafePathError("/".join(parts), "it is in the recycle bin already")
    if not root.is_dir():
        raise FileNotFoundError(2, "the library folder is missing", str(root))
    source = root.joinpath(*parts)
    real_path_inside(root, source.parent)
    if not os.path.lexists(source):
        return None
    place = _new_place(root, at)
    # The target folder is new, so nothing in it can be replaced.
    source.rename(place / source.name)
    return (place / source.name).relative_to(root).as_posix()


def _new_place(root: Path, at: datetime) -> Path:
    stamp = at.strftime("%Y%m%dT%H%M%S.%fZ")
    # A linked bin could be on another file system, where a rename fails.
    real_path_inside(root, root / BIN)
    (root / BIN).mkdir(exist_ok=True)
    for number in count():
        place = root / BIN / (f"{stamp}-{number}" if number else stamp)
        try:
            place.mkdir()
        except FileExistsError:
            continue
        return place
    raise AssertionError
