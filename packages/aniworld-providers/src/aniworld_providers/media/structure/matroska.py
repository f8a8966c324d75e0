"""Walk the elements of a Matroska or WebM file (RFC 8794, RFC 9559)."""

from typing import Final

from aniworld_providers.media.structure.ebml import element
from aniworld_providers.media.structure.protection import matroska_protection
from aniworld_providers.media.structure.report import (
    MOST_ELEMENTS,
    FileReader,
    Structure,
    broken_at,
    tail_of,
)

_HEADER: Final = 0x1A45DFA3
_SEGMENT: Final = 0x18538067
_CLUSTER: Final = 0x1F43B675
_TRACKS: Final = 0x1654AE6B
#: SeekHead, Info, Tracks, Cluster, Cues, Attachments, Chapters, Tags.
_LEVEL_1: Final = frozenset(
    {0x114D9B74, 0x1549A966, _TRACKS, _CLUSTER, 0x1C53BB6B, 0x1941A469, 0x1043A770, 0x1254C367}
)
#: Void and CRC-32 may stand anywhere.
_GLOBAL: Final = frozenset({0xEC, 0xBF})
_HEAD_BYTES: Final = 12
_MOST_TRACKS: Final = 16 * 1024 * 1024
_CLUSTER_MARK: Final = _CLUSTER.to_bytes(4, "big")
_WHAT: Final = "Matroska element"


def walk_matroska(reader: FileReader) -> Structure:
    """Walk the segment's elements and the blocks of every cluster."""
    head = element(reader.read(0, _HEAD_BYTES))
    if head is None or head[0] != _HEADER or head[2] is None:
        return Structure()
    at = head[1] + head[2]
    segment = element(reader.read(at, _HEAD_BYTES))
    if segment is None or segment[0] != _SEGMENT:
        return Structure()
    at += segment[1]
    end = None if segment[2] is None else at + segment[2]
    return _segment(reader, at, end)


def _segment(reader: FileReader, at: int, end: int | None) -> Structure:
    protection: str | None = None
    limit = reader.size if end is None else end
    for _ in range(MOST_ELEMENTS):
        if at >= min(limit, reader.size):
            break
        found = element(reader.read(at, _HEAD_BYTES))
        if found is None or found[0] not in _LEVEL_1 | _GLOBAL:
            if end is None:
                return tail_of(reader, at, _WHAT, _CLUSTER_MARK)
            return _broken(reader, at, end, protection)
        kind, head, size = found
        stop = None if size is None else at + head + size
        if stop is not None and stop > reader.size:
            return Structure(is_whole=False, protection=protection)
        if kind == _TRACKS and size is not None and size <= _MOST_TRACKS:
            protection = matroska_protection(reader.read(at + head, size))
        if kind == _CLUSTER:
            reached = _blocks(reader, at + head, stop)
            if stop is not None and reached != stop:
                fault = broken_at(reached, _WHAT)
                return Structure(is_whole=False, fault=fault, protection=protection)
            at = reached
        elif stop is None:
            return Structure(protection=protection)  # only clusters may have an unknown size
        else:
            at = stop
    if end is None:
        return Structure(protection=protection)
    return Structure(
        is_whole=end <= reader.size,
        trailing=max(reader.size - end, 0),
        protection=protection,
    )


def _broken(reader: FileReader, at: int, end: int, protection: str | None) -> Structure:
    fault = broken_at(at, _WHAT) if end <= reader.size else None
    return Structure(is_whole=False, fault=fault, protection=protection)


def _blocks(reader: FileReader, at: int, stop: int | None) -> int:
    """Walk the children of a cluster; return where they end or break."""
    limit = reader.size if stop is None else stop
    for _ in range(MOST_ELEMENTS):
        if at >= limit:
            return at
        found = element(reader.read(at, _HEAD_BYTES))
        if found is None or found[2] is None:
            return at
        kind, head, size = found
        if (stop is None and kind in _LEVEL_1) or size is None or at + head + size > limit:
            return at
        at += head + size
    return at
