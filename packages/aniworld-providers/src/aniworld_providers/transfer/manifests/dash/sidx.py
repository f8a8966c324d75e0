"""Parse the segment index of an MP4 (`sidx`, ISO/IEC 14496-12 section 8.16.3)."""

import struct

import attrs

from aniworld_core.errors import BadPlaylistError
from aniworld_core.messages import Message
from aniworld_providers.transfer.manifests.dash.segments import ListedSegment
from aniworld_providers.transfer.manifests.playlists import (
    MAX_SEGMENT_BYTES,
    MAX_SEGMENTS,
    ByteRange,
    Piece,
)


def read_index(data: bytes, after: int, file: Piece) -> tuple[ListedSegment, ...]:
    """Return the segments that an index lists.

    Args:
        data: The bytes of the box.
        after: Offset behind the box in the file.
        file: The piece of the file.

    Raises:
        BadPlaylistError: If it is not an index, or an index of indexes.
    """
    try:
        return tuple(_segments(data, after, file))
    except struct.error as error:
        raise BadPlaylistError(Message("index_cut_off")) from error


def _segments(data: bytes, after: int, file: Piece) -> list[ListedSegment]:
    if data[4:8] != b"sidx":
        raise BadPlaylistError(Message("index_no_sidx"))
    is_long = data[8] != 0
    (scale,) = struct.unpack_from(">I", data, 16)
    (first,) = struct.unpack_from(">Q" if is_long else ">I", data, 28 if is_long else 24)
    place = 36 if is_long else 28
    (count,) = struct.unpack_from(">xxH", data, place)
    if count > MAX_SEGMENTS:
        raise BadPlaylistError(Message("too_many_segments", limit=MAX_SEGMENTS))
    found, offset = [], after + first
    for number in range(count):
        size, length, _ = struct.unpack_from(">III", data, place + 4 + 12 * number)
        if size >> 31 or not 0 < size <= MAX_SEGMENT_BYTES or not scale:
            raise BadPlaylistError(Message("index_unsupported_entry"))
        piece = attrs.evolve(file, part=ByteRange(offset, size))
        found.append(ListedSegment(piece=piece, duration=length / scale))
        offset += size
    if not found:
        raise BadPlaylistError(Message("index_empty"))
    return found
