"""Walk the boxes of an MP4 or QuickTime file (ISO/IEC 14496-12)."""

from typing import Final

import attrs

from aniworld_core.messages import Message
from aniworld_providers.media.structure.boxes import MP4_BOXES, last_chunk_offset
from aniworld_providers.media.structure.protection import mp4_protection
from aniworld_providers.media.structure.report import (
    MOST_ELEMENTS,
    FileReader,
    Structure,
    tail_of,
)

#: Largest index in bytes that is read here.
_MOST_INDEX: Final = 64 * 1024 * 1024


@attrs.define
class _Seen:
    furthest: int = 0
    has_index: bool = False
    is_fragmented: bool = False
    protection: str | None = None


def walk_mp4(reader: FileReader) -> Structure:
    """Walk the boxes; bytes behind the last one are a trailer if all samples are before it."""
    seen, at = _Seen(), 0
    for _ in range(MOST_ELEMENTS):
        if at == reader.size:
            return Structure(is_whole=seen.has_index, protection=seen.protection)
        head = reader.read(at, 16)
        length = _length(head, reader.size - at)
        if length is None or (at + length > reader.size and head[4:8] not in MP4_BOXES):
            break
        if at + length > reader.size:
            return Structure(is_whole=False, protection=seen.protection)
        _note(reader, seen, head[4:8], at, length)
        at += length
    return _ended(reader, seen, at)


def _length(head: bytes, left: int) -> int | None:
    """Return the length of the box at the start of *head*; `None` if there is none."""
    kind = head[4:8]
    # Vendor types are printable; the copyright sign of QuickTime's is 0xA9.
    if len(head) < 8 or not all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in kind):
        return None
    length = int.from_bytes(head[:4], "big")
    if length == 1:
        length = int.from_bytes(head[8:16], "big") if len(head) == 16 else 0
        return length if length >= 16 else None
    if length == 0:
        return left if kind in MP4_BOXES else None
    return length if length >= 8 else None


def _note(reader: FileReader, seen: _Seen, kind: bytes, at: int, length: int) -> None:
    if kind not in {b"moov", b"moof", b"pssh", b"uuid"}:
        return
    seen.has_index |= kind in {b"moov", b"moof"}
    seen.is_fragmented |= kind == b"moof"
    if length > _MOST_INDEX:
        return
    box = reader.read(at, length)
    seen.protection = seen.protection or mp4_protection(box)
    if kind == b"moov":
        seen.furthest = max(seen.furthest, last_chunk_offset(box, 8, len(box)))


def _ended(reader: FileReader, seen: _Seen, end: int) -> Structure:
    if not seen.has_index:
        return Structure(is_whole=False, protection=seen.protection)
    if seen.is_fragmented:
        found = tail_of(reader, end, "MP4 box", b"moof", b"mdat")
        return attrs.evolve(found, protection=seen.protection)
    if seen.furthest >= end:
        fault = Message("samples_behind_boxes", place=end)
        return Structure(is_whole=False, fault=fault, protection=seen.protection)
    return Structure(is_whole=True, trailing=reader.size - end, protection=seen.protection)
