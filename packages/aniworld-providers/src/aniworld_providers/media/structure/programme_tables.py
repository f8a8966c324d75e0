"""The tracks in the tables of a transport stream (PAT and PMT, ISO/IEC 13818-1 2.4.4)."""

from collections.abc import Iterator
from typing import Final

import attrs

_SYNC: Final = 0x47
_PACKET: Final = 188
_DISC_PACKET: Final = 192
_PICTURES: Final = frozenset({0x01, 0x02, 0x10, 0x1B, 0x24, 0x33, 0x42})
_SOUNDS: Final = frozenset({0x03, 0x04, 0x0F, 0x11, 0x81, 0x83, 0x84, 0x87})
#: Stream type of private data, which descriptors specify.
_PRIVATE: Final = 0x06
#: Descriptors of AC-3, E-AC-3, DTS and AAC (ETSI EN 300 468, annex D and H).
_SOUND_DESCRIPTORS: Final = frozenset({0x6A, 0x7A, 0x7B, 0x7C})
_REGISTRATION: Final = 0x05
_SOUND_NAMES: Final = frozenset({b"AC-3", b"EAC3", b"Opus", b"DTS1", b"DTS2", b"DTS3"})
#: Most programmes that are read of a stream.
_MOST_TABLES: Final = 16


@attrs.define(eq=False)
class ProgrammeTables:
    """The tracks that the tables of a stream announce, and the start of their data.

    Attributes:
        programmes: Per table, the kind of each track by packet identifier: `video`, `audio` or
            `data`; `data` also if the kind is unknown.
        first: Offset of the first data of each announced track, in bytes from the start.
    """

    programmes: dict[int, dict[int, str]] = attrs.Factory(dict)
    first: dict[int, int] = attrs.Factory(dict)
    _awaited: set[int] = attrs.Factory(set)
    _size: int = _PACKET

    def read(self, data: bytes, offset: int, position: int) -> None:
        """Read the tables in a part of a segment.

        Args:
            data: The bytes.
            offset: Offset of the bytes in their segment, which begins with a packet.
            position: Offset of the bytes in the stream.
        """
        if offset == 0:
            is_of_disc = data[:1] != b"\x47" and data[4:5] == b"\x47"
            self._size = _DISC_PACKET if is_of_disc else _PACKET
        size = self._size
        start = (size - _PACKET - offset) % size
        highs, lows = data[start + 1 :: size], data[start + 2 :: size]
        for number in _places(highs, lows, 0):
            at = start + number * size
            self._read_list(_section(data[at : at + _PACKET]))
        for pid in self.programmes:
            for number in _places(highs, lows, pid):
                at = start + number * size
                self._read_table(pid, _section(data[at : at + _PACKET]))
        for pid in tuple(self._awaited):
            begun = next(_places(highs, lows, pid), None)
            if begun is not None:
                self.first[pid] = position + start + begun * size
                self._awaited.discard(pid)

    def programme_of(self, pid: int) -> dict[int, str]:
        """Return the tracks of the programme of a track."""
        for tracks in self.programmes.values():
            if pid in tracks:
                return tracks
        return {}

    def _read_list(self, section: bytes) -> None:
        if section[:1] != b"\x00":
            return
        for at in range(8, _end(section) - 3, 4):
            if section[at : at + 2] != b"\0\0" and len(self.programmes) < _MOST_TABLES:
                self.programmes.setdefault(_pid(section, at + 2), {})

    def _read_table(self, pid: int, section: bytes) -> None:
        if section[:1] != b"\x02":
            return
        tracks = self.programmes[pid]
        at, end = 12 + _length(section, 10), _end(section)
        while at + 5 <= end:
            after = at + 5 + _length(section, at + 3)
            kind = _kind(section[at], section[at + 5 : after])
            track = _pid(section, at + 1)
            if track not in tracks:
                tracks[track] = kind
                self._awaited.add(track)
            at = after


def _places(highs: bytes, lows: bytes, pid: int) -> Iterator[int]:
    """Yield the numbers of the packets in which data of a track begin."""
    for high in (0x40 | pid >> 8, 0x60 | pid >> 8):
        number = highs.find(high)
        while number >= 0:
            if number < len(lows) and lows[number] == pid & 0xFF:
                yield number
            number = highs.find(high, number + 1)


def _section(packet: bytes) -> bytes:
    """Return the bytes of the table that begins in a packet."""
    if len(packet) < _PACKET or packet[0] != _SYNC or not packet[3] & 0x10:
        return b""
    start = 5 + packet[4] if packet[3] & 0x20 else 4
    payload = packet[start:]
    return payload[1 + payload[0] :] if payload else b""


def _end(section: bytes) -> int:
    """Return the end of a table's entries: before its checksum, or at the end of the packet."""
    return min(3 + _length(section, 1) - 4, len(section))


def _length(section: bytes, at: int) -> int:
    return int.from_bytes(section[at : at + 2], "big") & 0x0FFF


def _pid(section: bytes, at: int) -> int:
    return int.from_bytes(section[at : at + 2], "big") & 0x1FFF


def _kind(stream_type: int, descriptors: bytes) -> str:
    if stream_type in _PICTURES:
        return "video"
    if stream_type in _SOUNDS:
        return "audio"
    at = 0
    while stream_type == _PRIVATE and at + 2 <= len(descriptors):
        tag, length = descriptors[at], descriptors[at + 1]
        is_named = tag == _REGISTRATION and descriptors[at + 2 : at + 6] in _SOUND_NAMES
        if tag in _SOUND_DESCRIPTORS or is_named:
            return "audio"
        at += 2 + length
    return "data"
