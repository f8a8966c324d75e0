"""Recognise media containers by their first bytes."""

from typing import Final

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
        return "it is empty"
    if head.startswith(_STARTS) or head[4:8] in _BOXES or _is_transport_stream(head):
        return None
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return None
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:20].lower().startswith(_PAGE_STARTS):
        return "it holds a page or text, not media"
    if not any(head):
        return "it holds nothing but zeros"
    return "it does not start like any media container"


def _is_transport_stream(head: bytes) -> bool:
    """Return whether three sync bytes have the packet distance of TS (188) or M2TS (192)."""
    return any(
        len(head) > first + 2 * size and all(head[first + n * size] == _SYNC for n in range(3))
        for first, size in ((0, 188), (4, 192))
    )
