"""Walk the packets of MPEG transport and program streams (ISO/IEC 13818-1)."""

from typing import Final

from aniworld_providers.media.structure.protection import SCRAMBLED, transport_protection
from aniworld_providers.media.structure.report import (
    MOST_ELEMENTS,
    FileReader,
    Structure,
    broken_at,
    tail_of,
)

_SYNC: Final = 0x47
_TS_PACKET: Final = 188
#: Packets at the start that contain the first programme tables.
_HEAD_PACKETS: Final = 64
_BLOCK_PACKETS: Final = 4096
#: Maps the fourth byte of a packet to 1 if it is scrambled, else 0.
_SCRAMBLING: Final = bytes(1 if byte & 0xC0 else 0 for byte in range(256))
_PACK: Final = 0xBA
_END: Final = 0xB9
#: Most zeros between packs that are skipped.
_MOST_STUFFING: Final = 8192
#: Scrambled packets from which on a stream counts as encrypted; fewer may be bit errors.
_FEW: Final = 8


def walk_transport(reader: FileReader, packet: int, lead: int) -> Structure:
    """Check the sync byte of every packet.

    Args:
        reader: The file.
        packet: Bytes from one packet to the next.
        lead: Offset of the sync byte in a packet.
    """
    at, scrambled = 0, 0
    count = reader.size // packet
    while at < count * packet:
        block = reader.read(at, min(_BLOCK_PACKETS, count - at // packet) * packet)
        syncs = block[lead::packet]
        scrambled += sum(block[lead + 3 :: packet].translate(_SCRAMBLING))
        if syncs.count(_SYNC) != len(syncs):
            first = next(i for i, byte in enumerate(syncs) if byte != _SYNC)
            at += first * packet
            return _lost(reader, at, packet, lead)
        at += len(block)
    tail = reader.read(at, packet)
    # Other bytes behind the last packet are harmless; the start of another packet is not.
    is_cut = len(tail) > lead and tail[lead] == _SYNC
    return Structure(
        is_whole=False if is_cut else None,
        trailing=0 if is_cut else len(tail),
        protection=SCRAMBLED if scrambled >= _FEW else _sample_aes(reader, packet, lead),
    )


def _sample_aes(reader: FileReader, packet: int, lead: int) -> str | None:
    """Return the scheme that the tables at the start announce."""
    head = reader.read(0, _HEAD_PACKETS * packet)
    packets = (head[at + lead : at + packet] for at in range(0, len(head), packet))
    scheme = transport_protection(b"".join(part[:_TS_PACKET] for part in packets))
    return scheme if scheme != SCRAMBLED else None


def _lost(reader: FileReader, at: int, packet: int, lead: int) -> Structure:
    """Check a file without a sync byte at *at*: a trailer, or damage with packets behind it."""
    found = tail_of(reader, at, "MPEG-TS packet")
    if found.fault is None:
        rest = reader.read(at, reader.size - at)
        for start in range(len(rest) - 2 * packet - lead):
            if all(rest[start + lead + packet * i] == _SYNC for i in range(3)):
                fault = broken_at(at, "MPEG-TS packet")
                return Structure(is_whole=False, trailing=len(rest), fault=fault)
    return found


def walk_program(reader: FileReader) -> Structure:
    """Walk packs and packets by their lengths."""
    at, scrambled = 0, 0
    for _ in range(MOST_ELEMENTS):
        if at >= reader.size:
            break
        head = reader.read(at, 14)
        if head[:3] != b"\0\0\1" or len(head) < 4:
            stuffed = _stuffing(reader, at)
            if stuffed is None:
                return tail_of(reader, at, "pack of a program stream", b"\0\0\1\xba")
            at = stuffed
            continue
        length = _program_length(head)
        if length is None:
            return Structure()  # an elementary stream, or content without lengths
        if 0xC0 <= head[3] <= 0xEF and len(head) > 6 and head[6] & 0xF0 in {0x90, 0xA0, 0xB0}:
            scrambled += 1
        at += length
        if at > reader.size:
            return Structure(is_whole=False)
    return Structure(protection=SCRAMBLED if scrambled >= _FEW else None)


def _program_length(head: bytes) -> int | None:
    code = head[3]
    if code == _PACK:
        if len(head) < 14:
            return 14
        return 14 + (head[13] & 0x07) if head[4] & 0xC0 == 0x40 else 12
    if code == _END:
        return 4
    return 6 + int.from_bytes(head[4:6], "big") if code >= 0xBB else None


def _stuffing(reader: FileReader, at: int) -> int | None:
    """Return the end of zeros before a start code; `None` for other content."""
    data = reader.read(at, _MOST_STUFFING)
    zeros = len(data) - len(data.lstrip(b"\0"))
    if zeros == len(data):
        return at + zeros if at + zeros == reader.size else None
    if zeros < 2 or data[zeros : zeros + 1] != b"\1":
        return None
    return at + zeros - 2 if zeros > 2 else None
