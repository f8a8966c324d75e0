"""Walk the chunks, tags and pages of AVI, FLV, Ogg and ASF files."""

import re
import zlib
from typing import Final

from aniworld_core.messages import Message
from aniworld_providers.media.structure.report import (
    MOST_ELEMENTS,
    FileReader,
    Structure,
    broken_at,
    tail_of,
)

_FOUR: Final = re.compile(rb"[0-9A-Za-z ]{4}")
#: Object identifiers of Content Encryption and Extended Content Encryption (ASF 3.14, 3.15).
_ASF_ENCRYPTION: Final = (
    bytes.fromhex("fbb31122 23bdd211 b4b700a0 c955fc6e"),
    bytes.fromhex("14e68a29 2226174c b935dae0 7ee9289c"),
)
_ASF_HEAD: Final = 256 * 1024
_ASF_PROPERTIES: Final = bytes.fromhex("a1dcab8c 47a9cf11 8ee400c0 0c205365")
_ASF_DATA: Final = bytes.fromhex("3626b275 8e66cf11 a6d900aa 0062ce6c")
#: First bytes of the identifiers of index objects.
_ASF_INDEXES: Final = frozenset(
    map(bytes.fromhex, ("90080033", "d329e2d6", "f803b1fe", "d0b9e2f8"))
)
_MOST_INDEXES: Final = 64
#: Error correction flags and the two bytes they announce.
_ASF_MARK: Final = 3
#: Every byte with its bits reversed.
_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def walk_avi(reader: FileReader) -> Structure:
    """Walk the RIFF chunks, and the chunks of their `movi` lists."""
    at = 0
    for _ in range(MOST_ELEMENTS):
        head = reader.read(at, 12)
        if len(head) < 12 or head[:4] != b"RIFF":
            break
        end = at + 8 + int.from_bytes(head[4:8], "little")
        if end > reader.size:
            return Structure(is_whole=False)
        broken = _riff(reader, at + 12, end)
        if broken is not None:
            return Structure(is_whole=False, fault=broken_at(broken, "AVI chunk"))
        at = end + end % 2
    return Structure(is_whole=True, trailing=max(reader.size - at, 0))


def _riff(reader: FileReader, at: int, end: int) -> int | None:
    """Walk chunks including `movi` and `rec ` lists; return where they break, if they do."""
    for _ in range(MOST_ELEMENTS):
        if at + 8 > end:
            return None
        head = reader.read(at, 12)
        if not _FOUR.fullmatch(head[:4]):
            return at
        size = int.from_bytes(head[4:8], "little")
        if head[:4] == b"LIST" and head[8:12] in {b"movi", b"rec "}:
            at += 12
            continue
        if at + 8 + size > end:
            return at
        at += 8 + size
        # Some writers leave the padding byte out.
        at += size % 2 if not _FOUR.fullmatch(reader.read(at, 4)) else 0
    return None


def walk_flv(reader: FileReader) -> Structure:
    """Walk the tags; each is followed by its own length (FLV specification, E.3)."""
    at = int.from_bytes(reader.read(5, 4), "big") + 4
    is_encrypted = False
    for _ in range(MOST_ELEMENTS):
        head = reader.read(at, 11)
        if len(head) < 11:
            break
        length = 11 + int.from_bytes(head[1:4], "big")
        if head[0] & 0x1F not in {8, 9, 18} or head[0] & 0xC0:
            break
        if at + length + 4 > reader.size:
            return Structure(is_whole=False)
        if int.from_bytes(reader.read(at + length, 4), "big") not in {length, 0, length - 11}:
            return Structure(is_whole=False, fault=broken_at(at, "FLV tag"))
        is_encrypted |= bool(head[0] & 0x20)
        at += length + 4
    found = tail_of(reader, at, "FLV tag") if at < reader.size else Structure()
    return Structure(
        is_whole=found.is_whole,
        trailing=found.trailing,
        fault=found.fault,
        protection="Adobe Access" if is_encrypted else None,
    )


def walk_asf(reader: FileReader) -> Structure:
    """Walk the packets of the data object, which have one size and begin alike (ASF 5.2)."""
    end = int.from_bytes(reader.read(16, 8), "little")
    header = reader.read(0, min(end, _ASF_HEAD))
    protection = "Windows Media DRM" if any(x in header for x in _ASF_ENCRYPTION) else None
    found, data = header.find(_ASF_PROPERTIES), reader.read(end, 50)
    if found < 0 or data[:16] != _ASF_DATA:
        return Structure(protection=protection)
    size = int.from_bytes(header[found + 92 : found + 96], "little")
    length = int.from_bytes(data[16:24], "little")
    stop = end + length
    if length < 50 or not size:
        return Structure(protection=protection)  # broadcast, of unknown length
    if stop > reader.size:
        return Structure(is_whole=False, protection=protection)
    mark = reader.read(end + 50, _ASF_MARK)
    for at in range(end + 50, stop - size + 1, size):
        if reader.read(at, _ASF_MARK) != mark:
            fault = broken_at(at, "ASF packet")
            return Structure(is_whole=False, fault=fault, protection=protection)
    return Structure(is_whole=True, trailing=_behind_asf(reader, stop), protection=protection)


def _behind_asf(reader: FileReader, at: int) -> int:
    """Return the number of bytes behind the data object and its indexes."""
    for _ in range(_MOST_INDEXES):
        head = reader.read(at, 24)
        length = int.from_bytes(head[16:24], "little")
        if len(head) < 24 or head[:4] not in _ASF_INDEXES or at + length > reader.size:
            break
        at += max(length, 24)
    return reader.size - at


def walk_ogg(reader: FileReader) -> Structure:
    """Walk the pages, which are numbered without gaps and have a checksum (RFC 3533)."""
    at, numbers = 0, dict[bytes, int]()
    for _ in range(MOST_ELEMENTS):
        head = reader.read(at, 27)
        if not head:
            return Structure()
        if len(head) < 27 or head[:4] != b"OggS":
            break
        page = reader.read(at, 27 + head[26] + 255 * head[26])
        length = 27 + head[26] + sum(page[27 : 27 + head[26]])
        if len(page) < length:
            return Structure(is_whole=False)
        number, serial = int.from_bytes(head[18:22], "little"), head[14:18]
        is_next = number == numbers.get(serial, number) or head[5] & 0x02
        if not is_next or _ogg_checksum(page[:length]) != int.from_bytes(head[22:26], "little"):
            return Structure(is_whole=False, fault=Message("page_does_not_follow", place=at))
        numbers[serial] = number + 1
        at += length
    return tail_of(reader, at, "Ogg page", b"OggS")


def _ogg_checksum(page: bytes) -> int:
    """Return the CRC-32 of a page: zlib's with the bits of every byte reversed."""
    cleared = page[:22] + bytes(4) + page[26:]
    crc = zlib.crc32(cleared.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(crc.to_bytes(4, "little").translate(_REVERSED), "big")
