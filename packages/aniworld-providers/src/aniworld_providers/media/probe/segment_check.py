"""Cheap looks at one segment: was it cut off although its length agreed?"""

from collections.abc import Callable
from typing import Final, TypeAlias

from aniworld_providers.media.structure.boxes import MP4_BOXES

#: Reads up to so many bytes from an offset.
Reader: TypeAlias = Callable[[int, int], bytes]

_PACKET: Final = 188
_WINDOW: Final = 512 * _PACKET
_CLOCK: Final = 90_000
_WRAP: Final = 2**33
_MOST_BOXES: Final = 10_000


def is_cut_off(read: Reader, length: int, demuxer: str) -> bool:
    """Whether a segment certainly ends in the middle of something."""
    if demuxer == "mov":
        return media_end(read, length) is None
    if demuxer == "mpegts":
        rest = length % _PACKET
        first = read(0, 1)
        # Junk behind the last packet does no harm; the beginning of another packet does.
        return bool(rest) and first == b"\x47" and read(length - rest, 1) == b"\x47"
    return False


def ends_whole(read: Reader, length: int, demuxer: str) -> bool:
    """Whether a segment certainly ends behind a whole packet or box."""
    if demuxer == "mpegts":
        last = read(length - _PACKET, 1) if length >= _PACKET else b""
        return length % _PACKET == 0 and last == b"\x47"
    return demuxer == "mov" and length > 0 and media_end(read, length, strict=True) == length


def is_too_short(
    read: Reader, length: int, demuxer: str, duration: float, *, is_lenient: bool = False
) -> bool:
    """Whether a segment plays shorter than *duration* seconds, as far as can be told.

    Args:
        read: Reads the segment.
        length: Its size in bytes.
        demuxer: What reads it.
        duration: What its playlist promises.
        is_lenient: Whether the playlist is known to be careless about durations.
    """
    if demuxer != "mpegts" or duration <= 0:
        return False
    first = _pictures(read(0, min(_WINDOW, length)))
    tail = max(0, length - _WINDOW)
    last = _pictures(read(tail - tail % _PACKET, _WINDOW + _PACKET))
    if not first or not last:
        return False
    span = (max(last, key=lambda at: (at - first[0]) % _WRAP) - min(first)) % _WRAP / _CLOCK
    allowed = 0.1 + 0.3 * duration if is_lenient else max(0.25, 0.1 * duration)
    return span < duration - allowed


def media_end(read: Reader, length: int, *, strict: bool = False) -> int | None:
    """Return where the last box of a fragment of an MP4 ends, `None` if that box is cut off.

    What follows it belongs to no box: padding of packagers, or what servers put behind a file.

    Args:
        read: Reads the segment.
        length: Its size in bytes.
        strict: Whether a box that goes on to the end, whatever that is, counts as cut off.
    """
    offset = 0
    for _ in range(_MOST_BOXES):
        head = read(offset, 16) if offset < length else b""
        size, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if size == 1 and len(head) == 16:
            size = int.from_bytes(head[8:], "big")
        elif size == 0 and kind in MP4_BOXES:
            return None if strict else length
        if offset + size > length and (kind in MP4_BOXES or not offset):
            return None
        if size < 8 or offset + size > length:
            break
        offset += size
    return offset or None


def _pictures(data: bytes) -> list[int]:
    """Return the presentation times of pictures that begin in these packets."""
    found: list[int] = []
    for start in range(0, len(data) - _PACKET + 1, _PACKET):
        if data[start] != 0x47 or not data[start + 1] & 0x40:
            continue
        body = start + 4
        if data[start + 3] & 0x20:
            body += 1 + data[start + 4]
        pes = data[body : min(body + 14, start + _PACKET)]
        is_picture = len(pes) == 14 and pes.startswith(b"\x00\x00\x01") and 0xE0 <= pes[3] <= 0xEF
        if is_picture and pes[7] & 0x80:
            found.append(stamp_of(pes[9:14]))
    return found


def stamp_of(raw: bytes) -> int:
    """Read a time stamp of a packetised stream (ISO/IEC 13818-1, 2.4.3.7)."""
    high = (raw[0] >> 1 & 0x07) << 30
    middle = (raw[1] << 7 | raw[2] >> 1) << 15
    return high | middle | raw[3] << 7 | raw[4] >> 1
