"""Recognise media containers by their first bytes."""

from collections.abc import Callable
from typing import Final

from aniworld_core.messages import Message

#: Bytes of a file that are read.
HEAD_BYTES: Final = 4096

_STARTS: Final = (
    b"\x1a\x45\xdf\xa3",  # Matroska, WebM: EBML header
    b"OggS",
    b"FLV\x01",
    b"\x00\x00\x01\xba",  # MPEG program stream
    b"\x00\x00\x01\xb3",  # MPEG video
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF, WMV
)
_BOXES: Final = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"pnot"})
_SYNC = 0x47
_PAGE_STARTS: Final = (b"<!doctype", b"<html", b"<?xml", b"<head", b"{", b"#extm3u")


def container_problem(head: bytes) -> str | None:
    """Return why a file that starts with *head* is no media file, `None` if it may be one."""
    if not head:
        return Message("file_empty")
    if head.startswith(_STARTS) or head[4:8] in _BOXES or _is_transport_stream(head):
        return None
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return None
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:20].lower().startswith(_PAGE_STARTS):
        return Message("file_is_page")
    if not any(head):
        return Message("file_is_zeros")
    return Message("file_no_container")


def _is_transport_stream(head: bytes) -> bool:
    """Return whether three sync bytes have the packet distance of TS (188) or M2TS (192)."""
    return any(
        len(head) > first + 2 * size and all(head[first + n * size] == _SYNC for n in range(3))
        for first, size in ((0, 188), (4, 192))
    )


#: Returns up to a number of bytes from a position of a file.
_ReadAt = Callable[[int, int], bytes]
#: Boxes at the top of an MP4 file that are followed; files have a few, fragmented ones many.
_MOST_BOXES: Final = 64
_SEGMENT: Final = b"\x18\x53\x80\x67"


def expected_bytes(head: bytes, size: int, read_at: _ReadAt) -> int:
    """Return the size that the structure of a file states; *size* if it states none.

    Read are the boxes at the top of MP4 files (ISO/IEC 14496-12, 4.2), the segment of Matroska
    (RFC 9559, 5.1) and the RIFF chunk of AVI. A larger result means that the end is missing.

    Args:
        head: First bytes of the file.
        size: Size of the file.
        read_at: Reads bytes of the file.
    """
    if head[4:8] in _BOXES:
        return _end_of_boxes(head, size, read_at)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _end_of_segment(head) or size
    if head.startswith(b"RIFF"):
        # The size of larger files does not fit and is 0 or wrong.
        return 8 + int.from_bytes(head[4:8], "little") if size < 2**30 else size
    return size


def _end_of_boxes(head: bytes, size: int, read_at: _ReadAt) -> int:
    start = 0
    for _ in range(_MOST_BOXES):
        if start >= size:
            return start
        header = head[start : start + 16] if start + 16 <= len(head) else read_at(start, 16)
        length = int.from_bytes(header[:4])
        if length == 1:
            length = int.from_bytes(header[8:16])
        if length < 8 or not header[4:8].isascii():
            return size  # the last box, which reaches to the end, or no box at all
        start += length
    return size


def _end_of_segment(head: bytes) -> int | None:
    """Return where the segment ends; `None` if it states no size, as in streams."""
    at = head.find(_SEGMENT)
    if at < 0 or at + 5 > len(head):
        return None
    at += len(_SEGMENT)
    # An EBML number: the leading zero bits of the first byte count its further bytes.
    width = 9 - head[at].bit_length()
    field = head[at : at + width]
    if width > 8 or len(field) < width:
        return None
    length = int.from_bytes(field) & ((1 << 7 * width) - 1)
    return None if length == (1 << 7 * width) - 1 else at + width + length
