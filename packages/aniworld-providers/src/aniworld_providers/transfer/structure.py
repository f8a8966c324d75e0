"""Whether a file ends where its own structure says it does, told without decoding anything."""

import os
from pathlib import Path
from typing import BinaryIO, Final

_MP4_FAMILY: Final = frozenset({".mp4", ".m4v", ".mov"})
_MATROSKA: Final = frozenset({".mkv", ".webm"})
_MANY: Final = 1_000_000
_SEGMENT_ID: Final = bytes.fromhex("18538067")
_PACKETS: Final = {".ts": 188, ".m2ts": 192}


def ends_whole(path: Path, suffix: str) -> bool | None:
    """Tell whether nothing is missing at a file's end; blocks.

    MP4 boxes (ISO/IEC 14496-12), Matroska's segment (RFC 9559) and RIFF chunks name their own
    sizes; a transport stream consists of packets of one size.

    Returns:
        `None` where the container does not allow to tell.

    Raises:
        OSError: If the file cannot be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if suffix in _MP4_FAMILY:
            return _boxes_end(file, size)
        if suffix in _MATROSKA:
            return _segment_ends(file, size)
        if suffix == ".avi":
            head = file.read(8)
            return len(head) == 8 and int.from_bytes(head[4:8], "little") + 8 <= size
        if suffix in _PACKETS and size % _PACKETS[suffix]:
            return False
    return None


def _boxes_end(file: BinaryIO, size: int) -> bool | None:
    position, has_index = 0, False
    for _ in range(_MANY):
        if position == size:
            return has_index
        file.seek(position)
        head = file.read(16)
        if len(head) < 8:
            return None if has_index else False
        length, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if length == 1:
            length = int.from_bytes(head[8:16], "big") if len(head) == 16 else 0
            if length < 16:
                return False
        elif length == 0:
            return None if has_index or kind == b"moov" else False
        elif length < 8:
            # Rubbish behind the last box is common and harmless.
            return None if has_index else False
        has_index = has_index or kind in {b"moov", b"moof"}
        position += length
        if position > size:
            return False
    return None


def _segment_ends(file: BinaryIO, size: int) -> bool | None:
    file.seek(4)
    length = _vint(file)
    if length is None:
        return None
    file.seek(length, os.SEEK_CUR)
    if file.read(4) != _SEGMENT_ID:
        return None
    length = _vint(file)
    return None if length is None else file.tell() + length <= size


def _vint(file: BinaryIO) -> int | None:
    """Read an EBML length; `None` for "unknown" and for what is none."""
    first = file.read(1)
    if not first or first[0] == 0:
        return None
    width = 9 - first[0].bit_length()
    value = int.from_bytes(
        bytes([first[0] & ((1 << (8 - width)) - 1)]) + file.read(width - 1), "big"
    )
    return None if value == (1 << (7 * width)) - 1 else value
