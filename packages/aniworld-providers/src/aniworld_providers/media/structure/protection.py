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
            inner = {name for name, _, _ in iter_boxes(data, first, end)}
            inner |= {name for at, to in find_boxes(data, b"traf", start=first, stop=end)
                      for name, _, _ in iter_boxes(data, at, to)}  # fmt: skip
            if inner & {b"pssh", b"senc"}:
                return _CENC
        elif kind == b"pssh" or (kind == b"uuid" and bytes(data[first : first + 16]) in _PIFF):
            return _CENC
    return None


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
        most: Bytes at its start that are searched.
    """
    if demuxer == "mov":
        return mp4_protection(read(0, min(length, most)))
    if demuxer == "mpegts":
        return transport_protection(read(0, min(length, 64 * _PACKET)))
    if demuxer == "matroska":
        return _matroska_head_protection(read(0, min(length, 64 * 1024)))
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
