"""Detect encryption that a container declares: Common Encryption, SAMPLE-AES, scrambling."""

from collections.abc import Callable
from typing import Final

from aniworld_providers.media.structure.boxes import find_boxes, iter_boxes, sample_entries
from aniworld_providers.media.structure.ebml import element, has_element

#: Transport or program stream packets with scrambling control bits (ISO/IEC 13818-1, 2.4.3.3).
SCRAMBLED: Final = "a scrambled MPEG stream"
#: Sample entries of protected tracks (ISO/IEC 14496-12, 8.12) and of FairPlay files.
_ENCRYPTED_ENTRIES: Final = frozenset(
    {b"encv", b"enca", b"enct", b"encs", b"encm", b"encf", b"encu", b"enc3"}
    | {b"drmi", b"drms", b"drmt", b"p608"}
)
#: Identifiers of the boxes of PIFF, the predecessor of Common Encryption.
_PIFF: Final = (
    bytes.fromhex("8974dbce7be74c5184f97148f9882554"),
    bytes.fromhex("d08a4f1810f34a82b6c832d8aba183d3"),
    bytes.fromhex("a2394f525a9b4f14a2446c427c648df4"),
)
_SAMPLE_AES: Final = frozenset({0xDB, 0xCF, 0xC1, 0xC2})
_PACKET: Final = 188
_MOST_PACKETS: Final = 2048
_TRACKS: Final = bytes.fromhex("1654ae6b")
#: TrackEntry, ContentEncodings, ContentEncoding, ContentEncryption.
_ENCODINGS: Final = (0xAE, 0x6D80, 0x6240, 0x5035)
_CENC: Final = "Common Encryption"
_SCHEMES: Final = frozenset({b"cenc", b"cens", b"cbc1", b"cbcs", b"piff"})
#: Most top-level boxes of a segment.
_MOST_BOXES: Final = 10_000
#: Packets to check at the start, in the middle and at the end of a transport stream.
_WINDOW_PACKETS: Final = 64


def mp4_protection(data: bytes | memoryview) -> str | None:
    """Return the encryption scheme in the boxes of *data*; `None` for clear media.

    The data may be a whole file, an initialisation section, a `moov` box or a fragment.
    """
    for kind, first, end in sample_entries(data):
        scheme = _scheme_of(data, first, end)
        if kind in _ENCRYPTED_ENTRIES or scheme is not None:
            return scheme or ("FairPlay" if kind.startswith(b"drm") else _CENC)
    for kind, first, end in iter_boxes(data):
        if kind in {b"moov", b"moof"}:
            places = [(first, end), *find_boxes(data, b"traf", start=first, stop=end)]
            inner = (found for place in places for found in iter_boxes(data, *place))
            if any(_is_sign(data, *found) for found in inner):
                return _CENC
        elif _is_sign(data, kind, first, end):
            return _CENC
    return None


def _is_sign(data: bytes | memoryview, kind: bytes, first: int, end: int) -> bool:
    """Whether a box is part of Common Encryption (ISO/IEC 23001-7) or PIFF."""
    if kind in {b"pssh", b"senc"}:
        return True
    if kind == b"uuid":
        return bytes(data[first : first + 16]) in _PIFF
    if kind in {b"saiz", b"saio"}:
        # The type is there if the first flag is set.
        is_typed = end - first >= 8 and data[first + 3] & 1
        return bool(is_typed) and bytes(data[first + 4 : first + 8]) in _SCHEMES
    return kind in {b"sbgp", b"sgpd"} and bytes(data[first + 4 : first + 8]) == b"seig"


def _scheme_of(data: bytes | memoryview, start: int, stop: int) -> str | None:
    """Return the scheme in the `sinf` box of a sample entry."""
    at = bytes(data[start:stop]).find(b"sinf")
    if at < 4:
        return None
    size = int.from_bytes(data[start + at - 4 : start + at], "big")
    inner = start + at + 4
    end = min(start + at - 4 + size, stop)
    kinds = dict[bytes, int]()
    for kind, first, _ in iter_boxes(data, inner, end):
        kinds[kind] = first
    if not kinds.keys() & {b"schm", b"schi", b"frma"}:
        return None
    if b"schm" not in kinds:
        return _CENC
    scheme = bytes(data[kinds[b"schm"] + 4 : kinds[b"schm"] + 8])
    if scheme == b"itun":
        return "FairPlay"
    return f"{_CENC}, {scheme.decode('ascii', 'replace')}" if scheme.isalnum() else _CENC


def matroska_protection(tracks: bytes) -> str | None:
    """Return the scheme of a `Tracks` payload with ContentEncryption (RFC 9559 5.1.4)."""
    return "Matroska encryption" if has_element(tracks, *_ENCODINGS) else None


def transport_protection(data: bytes) -> str | None:
    """Return the scheme in the first packets of a transport stream."""
    scrambled = 0
    for start in range(0, min(len(data), _MOST_PACKETS * _PACKET) - _PACKET + 1, _PACKET):
        packet = data[start : start + _PACKET]
        if packet[0] != 0x47:
            break
        scrambled += bool(packet[3] & 0xC0)
        if packet[1] & 0x40 and packet[3] & 0x10 and _has_sample_aes(packet):
            return "SAMPLE-AES"
    return SCRAMBLED if scrambled >= 3 else None


def _has_sample_aes(packet: bytes) -> bool:
    """Whether a packet begins a programme map with stream types of SAMPLE-AES."""
    body = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
    if body >= _PACKET:
        return False
    section = packet[body + 1 + packet[body] :]
    if len(section) < 12 or section[0] != 0x02 or section[1] & 0xC0 != 0x80:
        return False
    end = min(3 + ((section[1] & 0x0F) << 8 | section[2]) - 4, len(section))
    at = 12 + ((section[10] & 0x0F) << 8 | section[11])
    while at + 5 <= end:
        if section[at] in _SAMPLE_AES:
            return True
        at += 5 + ((section[at + 3] & 0x0F) << 8 | section[at + 4])
    return False


def segment_protection(
    read: Callable[[int, int], bytes], length: int, demuxer: str, *, most: int = 1024 * 1024
) -> str | None:
    """Return the encryption scheme of a segment or initialisation section.

    Args:
        read: Reads the segment by offset and size.
        length: Its size in bytes.
        demuxer: Its libav demuxer.
        most: Most bytes of a box that are searched.
    """
    if demuxer == "mov":
        return _fragment_protection(read, length, most)
    if demuxer == "mpegts":
        window = _WINDOW_PACKETS * _PACKET
        middle, tail = (max(0, at) // _PACKET * _PACKET for at in (length // 2, length - window))
        places = dict.fromkeys((0, middle, tail))
        found = (transport_protection(read(at, min(window, length - at))) for at in places)
        return next((scheme for scheme in found if scheme is not None), None)
    if demuxer == "matroska":
        return _matroska_head_protection(read(0, min(length, 64 * 1024)))
    return None


def _fragment_protection(read: Callable[[int, int], bytes], length: int, most: int) -> str | None:
    """Return the scheme in the boxes of a segment; skips the media between them."""
    at = 0
    for _ in range(_MOST_BOXES):
        head = read(at, 16)
        size, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if size == 1:
            size = int.from_bytes(head[8:], "big")
        elif size == 0:
            size = length - at
        if len(head) < 8 or size < 8 or at + size > length:
            return None
        if kind in {b"moov", b"moof", b"pssh", b"uuid"}:
            scheme = mp4_protection(read(at, min(size, most)))
            if scheme is not None:
                return scheme
        at += size
    return None


def _matroska_head_protection(head: bytes) -> str | None:
    # The first occurrence of the identifier is in the index at the front.
    at = head.find(_TRACKS)
    while at >= 0:
        found = element(head[at : at + 12])
        if found is not None and (scheme := matroska_protection(head[at + found[1] :])):
            return scheme
        at = head.find(_TRACKS, at + 1)
    return None
