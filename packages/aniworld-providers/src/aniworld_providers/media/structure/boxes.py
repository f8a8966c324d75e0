"""Boxes of the ISO base media file format (ISO/IEC 14496-12): iterate, find, read the index."""

from collections.abc import Iterator
from typing import Final

#: Top-level boxes; one that ends behind the end of the file is cut off.
MP4_BOXES: Final = frozenset(
    {b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"pnot", b"sidx"}
    | {b"ssix", b"emsg", b"prft", b"uuid", b"mfra", b"meta", b"pdin", b"udta", b"imda"}
)
_MOST_BOXES: Final = 100_000


def iter_boxes(
    data: bytes | memoryview, start: int = 0, stop: int | None = None
) -> Iterator[tuple[bytes, int, int]]:
    """Yield type, payload offset and end of every box; stop at the first impossible size."""
    end = len(data) if stop is None else min(stop, len(data))
    at = start
    for _ in range(_MOST_BOXES):
        if at + 8 > end:
            return
        size, head = int.from_bytes(data[at : at + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            return
        yield bytes(data[at + 4 : at + 8]), at + head, at + size
        at += size


def find_boxes(
    data: bytes | memoryview, *path: bytes, start: int = 0, stop: int | None = None
) -> Iterator[tuple[int, int]]:
    """Yield payload offset and end of every box at *path*, such as `b"moov", b"trak"`."""
    for kind, first, end in iter_boxes(data, start, stop):
        if kind == path[0]:
            if len(path) == 1:
                yield first, end
            else:
                yield from find_boxes(data, *path[1:], start=first, stop=end)


def sample_entries(data: bytes | memoryview) -> Iterator[tuple[bytes, int, int]]:
    """Yield type, payload offset and end of every sample entry below the `moov` boxes of *data*."""
    for first, end in find_boxes(data, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"):
        yield from iter_boxes(data, first + 8, end)


def last_chunk_offset(moov: bytes | memoryview, start: int, stop: int) -> int:
    """Return the largest chunk offset in a `moov` payload, 0 without any."""
    furthest = 0
    table = (b"trak", b"mdia", b"minf", b"stbl")
    for kind, width in ((b"stco", 4), (b"co64", 8)):
        for first, end in find_boxes(moov, *table, kind, start=start, stop=stop):
            count = min(int.from_bytes(moov[first + 4 : first + 8], "big"), (end - first) // width)
            at = first + 8 + (count - 1) * width
            # Chunks are written in order, so the last entry is the furthest.
            if count > 0 and at + width <= end:
                furthest = max(furthest, int.from_bytes(moov[at : at + width], "big"))
    return furthest
