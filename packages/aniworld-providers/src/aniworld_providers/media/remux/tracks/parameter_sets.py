"""Repeat the parameter sets of H.264, H.265 and MPEG-4 video in front of key frames.

An MP4 or Matroska file has one record of parameter sets per track. A track whose sets change has
them in its samples instead; ISO/IEC 14496-15 names such samples `avc3` and `hev1`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from aniworld_providers.media.remux.tracks.identity import codec_of

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream

#: Offset of the length size and of the first array in the records of H.264 and H.265.
_AVC_SETS: Final = 5
_HEVC_SETS: Final = 22
#: NAL unit types of access unit delimiters, which stay first.
_AVC_DELIMITER: Final = 9
_HEVC_DELIMITER: Final = 35
_START_CODE: Final = b"\0\0\0\1"


@attrs.frozen
class ParameterSets:
    """The parameter sets of one group.

    Attributes:
        units: The sets, as units without length or start code; none if the packets have them.
        width: Bytes of a unit's length; 0 if units have start codes instead.
        is_hevc: Whether the units are those of H.265.
    """

    units: tuple[bytes, ...]
    width: int
    is_hevc: bool

    @classmethod
    def of(cls, stream: "Stream") -> "ParameterSets | None":
        """Return the parameter sets of a video track; `None` if its codec has none."""
        codec = codec_of(stream)
        record = bytes(stream.codec_context.extradata or b"")
        is_hevc = codec == "hevc"
        if codec == "mpeg4":
            is_apart = record.startswith(_START_CODE[1:])
            return cls((record[3:],) if is_apart else (), 0, is_hevc)
        if codec not in {"h264", "hevc"}:
            return None
        if record[:1] != b"\1":
            return cls((), 0, is_hevc)
        at = _HEVC_SETS - 1 if is_hevc else _AVC_SETS - 1
        width = (record[at] & 3) + 1 if len(record) > at else 4
        units = _hevc_units(record) if is_hevc else _avc_units(record)
        return cls(tuple(units), width, is_hevc)

    def is_delimiter(self, unit: bytes) -> bool:
        """Whether a NAL unit marks the start of a picture."""
        if self.is_hevc:
            return unit[:1] != b"" and unit[0] >> 1 & 0x3F == _HEVC_DELIMITER
        return unit[:1] != b"" and unit[0] & 0x1F == _AVC_DELIMITER


@attrs.frozen
class InBandSets:
    """Writes parameter sets into the packets of a group.

    Attributes:
        sets: The sets of the group.
        width: Bytes of a NAL unit's length in the output.
    """

    sets: ParameterSets
    width: int

    def applied(self, packet: "Packet[Any]") -> "Packet[Any]":
        """Return a packet, with the sets in front if it is a key frame."""
        sets, is_key = self.sets, packet.is_keyframe
        if sets.width == self.width and not (is_key and sets.units):
            return packet
        data = bytes(packet)
        if not sets.width and not self.width:
            return copied(packet, _joined(sets.units, 0) + data)
        units = _split(data, sets.width)
        if is_key:
            lead = 1 if units and sets.is_delimiter(units[0]) else 0
            units[lead:lead] = sets.units
        return copied(packet, _joined(units, self.width))


def _avc_units(record: bytes) -> list[bytes]:
    """Return the sets of an `avcC` record (ISO/IEC 14496-15, 5.3.3.1)."""
    units, at = [], _AVC_SETS
    for mask in (0x1F, 0xFF):
        count = record[at] & mask if at < len(record) else 0
        at += 1
        found = _read(record, at, count)
        units += found
        at += sum(2 + len(unit) for unit in found)
    return units


def _hevc_units(record: bytes) -> list[bytes]:
    """Return the sets of an `hvcC` record (ISO/IEC 14496-15, 8.3.3.1)."""
    units: list[bytes] = []
    at = _HEVC_SETS + 1
    for _ in range(record[_HEVC_SETS] if len(record) > _HEVC_SETS else 0):
        found = _read(record, at + 3, int.from_bytes(record[at + 1 : at + 3], "big"))
        units += found
        at += 3 + sum(2 + len(unit) for unit in found)
    return units


def _read(record: bytes, at: int, count: int) -> list[bytes]:
    units = []
    for _ in range(count):
        length = int.from_bytes(record[at : at + 2], "big")
        unit = record[at + 2 : at + 2 + length]
        if not unit:
            break
        units.append(unit)
        at += 2 + length
    return units


def _split(data: bytes, width: int) -> list[bytes]:
    if not width:
        parts = data.split(_START_CODE[1:])[1:]
        return [unit for part in parts if (unit := part.rstrip(b"\0"))]
    units, at = [], 0
    while at + width < len(data):
        length = int.from_bytes(data[at : at + width], "big")
        units.append(data[at + width : at + width + length])
        at += width + length
    return units


def _joined(units: Sequence[bytes], width: int) -> bytes:
    if not width:
        return b"".join(_START_CODE + unit for unit in units)
    return b"".join(len(unit).to_bytes(width, "big") + unit for unit in units)


def copied(packet: "Packet[Any]", data: bytes) -> "Packet[Any]":
    """Return a packet with other bytes and the same properties."""
    import av

    copy: Packet[Any] = av.Packet(data)
    copy.time_base = packet.time_base
    copy.pts, copy.dts, copy.duration = packet.pts, packet.dts, packet.duration
    copy.is_keyframe = packet.is_keyframe
    for extra in packet.iter_sidedata():
        copy.set_sidedata(extra)
    return copy
