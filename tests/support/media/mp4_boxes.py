"""Boxes of MP4 files for tests: reading them, and putting new ones into a sample entry."""

from collections.abc import Iterator

#: The way to the sample entries, with the bytes in front of the boxes in each.
_WAY = ((b"moov", 8), (b"trak", 8), (b"mdia", 8), (b"minf", 8), (b"stbl", 8), (b"stsd", 16))


def box(kind: bytes, *payload: bytes) -> bytes:
    """Return a box."""
    body = b"".join(payload)
    return (len(body) + 8).to_bytes(4, "big") + kind + body


def boxes(data: bytes, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield type, offset and size of the boxes in a stretch of bytes."""
    while start + 8 <= stop:
        size = int.from_bytes(data[start : start + 4], "big")
        if size < 8:
            return
        yield data[start + 4 : start + 8], start, size
        start += size


def entry_of(data: bytes) -> bytes:
    """Return the first sample entry of the first track, with its head."""
    at, stop = 0, len(data)
    for name, head in _WAY:
        at, stop = next(
            (a + head, a + size) for kind, a, size in boxes(data, at, stop) if kind == name
        )
    size = int.from_bytes(data[at : at + 4], "big")
    return data[at : at + size]


def with_entry(data: bytes, *more: bytes, kind: bytes | None = None) -> bytes:
    """Put boxes behind those of the first sample entry, and give that another type.

    For files whose media follow no index of offsets: initialisation sections and files with
    their index at the end.
    """
    return _grown(data, 0, len(data), _WAY, b"".join(more), kind)


def _grown(
    data: bytes,
    start: int,
    stop: int,
    way: tuple[tuple[bytes, int], ...],
    more: bytes,
    kind: bytes | None,
) -> bytes:
    name, head = way[0] if way else (None, 8)
    for found, at, size in boxes(data, start, stop):
        if name is not None and found != name:
            continue
        end = at + size
        if way:
            inner = _grown(data, at + head, end, way[1:], more, kind)
        else:
            found, inner = kind or found, data[at + 8 : end] + more
        payload = data[at + 8 : at + head] + inner if way else inner
        return data[start:at] + box(found, payload) + data[end:stop]
    raise AssertionError(f"there is no {name!r}")


def protection(scheme: bytes, original: bytes = b"avc1") -> bytes:
    """Return the box of a protected sample entry (ISO/IEC 14496-12, 8.12)."""
    key = box(b"tenc", bytes(4), b"\0\0\1\x08", bytes(16))
    return box(
        b"sinf",
        box(b"frma", original),
        box(b"schm", bytes(4), scheme, b"\0\1\0\0"),
        box(b"schi", key),
    )


def with_fragment_box(data: bytes, more: bytes) -> bytes:
    """Put a box behind those of the first track fragment of a segment.

    The media behind it move, so the result cannot be played.
    """
    moof, traf = data.index(b"moof") - 4, data.index(b"traf") - 4
    end = traf + int.from_bytes(data[traf : traf + 4], "big")
    grown = bytearray(data[:end] + more + data[end:])
    for at in (moof, traf):
        size = int.from_bytes(data[at : at + 4], "big") + len(more)
        grown[at : at + 4] = size.to_bytes(4, "big")
    return bytes(grown)


#: What only a fragment says about Common Encryption or PIFF (ISO/IEC 23001-7, 7 and 8).
SIGNS_IN_FRAGMENTS = {
    "samples": box(b"senc", bytes(8)),
    "sizes": box(b"saiz", b"\0\0\0\1cbcs", bytes(9)),
    "offsets": box(b"saio", b"\0\0\0\1cenc", bytes(12)),
    "groups": box(b"sgpd", bytes(4), b"seig", bytes(8)),
    "piff": box(b"uuid", bytes.fromhex("a2394f525a9b4f14a2446c427c648df4"), bytes(8)),
}
