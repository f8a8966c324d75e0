"""Read the key file and the NFO of series folders."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs

from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import NFO_LIMIT, FolderMarks, legacy_series, nfo_marks
from aniworld_core.errors import LegacyDataError

_NFO: Final = "tvshow.nfo"
_KEY_FILE: Final = "data"


def read_folder_marks(folder: Path) -> FolderMarks:
    """Return what `tvshow.nfo` and `data` in a folder say; unreadable files say nothing."""
    text = _head(folder / _NFO)
    marks = nfo_marks(text) if text else FolderMarks()
    key = _key(_head(folder / _KEY_FILE), folder.name)
    return attrs.evolve(marks, key=key) if key else marks


def _head(path: Path) -> str:
    # The file may be a device, a link to a missing file, or vanish at any time.
    with suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                return file.read(4 * NFO_LIMIT).decode("utf-8-sig", "replace")
    return ""


def _key(text: str, folder: str) -> SeriesKey | None:
    with suppress(ValueError, RecursionError, LegacyDataError):
        return legacy_series(json.loads(text), FolderName(folder)).key
    return None
