"""Reads the segment index of an MP4 (`sidx`, ISO/IEC 14496-12 section 8.16.3)."""

import struct

import attrs

from aniworld_core.errors import BadPlaylistError
from aniworld_providers.transfer.manifests.dash.segments import Cut
from aniworld_providers.transfer.manifests.hls.tags import MAX_SEGMENTS
from aniworld_providers.transfer.manifests.playlists import MAX_SEGMENT_BYTES, ByteRange, Piece


def read_index(data: bytes, after: int, file: Piece) -> tuple[Cut, ...]:
    """Turn an index into segments.

    Args:
        data: The box.
        after: Where the file goes on behind it.
        file: The file.

    Raises:
        BadPlaylistError: If it is no index, or one of indexes.
    """
    try:
        return tuple(_cuts(data, after, file))
    except struct.error as error:
        raise BadPlaylistError("an index of segments is cut off") from error


def _cuts(data: bytes, after: int, file: Piece) -> list[Cut]:
    if data[4:8] != b"sidx":
        raise BadPlaylistError("an index of segments is none")
    is_long = data[8] != 0
    (scale,) = struct.unpack_from(">I", data, 16)
    (first,) = struct.unpack_from(">Q" if is_long else ">I", data, 28 if is_long else 24)
    place = 36 if is_long else 28
    (count,) = struct.unpack_from(">xxH", data, place)
    if count > MAX_SEGMENTS:
        raise BadPlaylistError(f"it has more than {MAX_SEGMENTS} segments")
    cuts, offset = [], after + first
    for number in range(count):
        size, length, _ = struct.unpack_from(">III", data, place + 4 + 12 * number)
        if size >> 31 or not 0 < size <= MAX_SEGMENT_BYTES or not scale:
            raise BadPlaylistError("an index of segments is of a kind that is not read")
        piece = attrs.evolve(file, part=ByteRange(offset, size))
        cuts.append(Cut(piece=piece, duration=length / scale))
        offset += size
    if not cuts:
        raise BadPlaylistError("an index of segments is empty")
    return cuts
