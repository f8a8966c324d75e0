"""Select the structure walk of a container."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from aniworld_providers.media.structure.chunks import walk_asf, walk_avi, walk_flv, walk_ogg
from aniworld_providers.media.structure.matroska import walk_matroska
from aniworld_providers.media.structure.mp4 import walk_mp4
from aniworld_providers.media.structure.mpeg import walk_program, walk_transport
from aniworld_providers.media.structure.report import FileReader, Structure

_WALKS: Final[Mapping[str, Callable[[FileReader], Structure]]] = {
    **dict.fromkeys((".mp4", ".m4v", ".mov"), walk_mp4),
    **dict.fromkeys((".mkv", ".webm"), walk_matroska),
    ".ts": lambda reader: walk_transport(reader, 188, 0),
    ".m2ts": lambda reader: walk_transport(reader, 192, 4),
    ".mpg": walk_program,
    ".avi": walk_avi,
    ".flv": walk_flv,
    ".ogv": walk_ogg,
    ".wmv": walk_asf,
}


def walk_structure(path: Path, suffix: str) -> Structure:
    """Walk the elements of a file from the first byte to the last; blocks.

    Only the heads of elements are read, except in containers of small packets.

    Args:
        path: The file.
        suffix: Usual suffix of its container, with the dot.

    Raises:
        OSError: If the file cannot be read.
    """
    walk = _WALKS.get(suffix)
    if walk is None:
        return Structure()
    with path.open("rb") as file:
        return walk(FileReader(file.fileno(), os.fstat(file.fileno()).st_size))
