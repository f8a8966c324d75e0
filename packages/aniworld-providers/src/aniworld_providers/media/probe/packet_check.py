"""Check packets by the syntax that every packet of their codec has.

Zeros, noise or bytes of another file in place of a packet break its syntax, so they are found
without decoding. Damage inside a coded unit is found only by decoding samples.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message

if TYPE_CHECKING:
    from av.stream import Stream

#: Returns whether the bytes of a packet have the syntax of their codec.
PacketCheck: TypeAlias = Callable[[bytes], bool]

#: Size in bytes below which packets are not checked: placeholders, or too short to judge.
_LEAST: Final = 16
#: More zeros in a row than a video encoder writes, except as padding at the end.
_ZERO_RUN: Final = bytes(1024)
#: Zeros inside a unit that are certainly damage; emulation prevention allows no three in a row.
_ZEROS: Final = bytes(12)
#: Share of failing packets from which on the check does not apply to the track.
_ODD_SHARE: Final = 0.9
#: Codecs whose pictures may be stuffed with zeros.
_STUFFED: Final = frozenset({"mpeg1video", "mpeg2video", "prores"})
_AV1_EXTENSION: Final = 0x04
_AV1_HAS_SIZE: Final = 0x02


def packet_check_of(stream: "Stream") -> PacketCheck | None:
    """Return the check for the packets of a track; `None` if no check is certain."""
    context: Any = stream.codec_context
    if context is None:
        return None
    name = context.name
    extradata = bytes(context.extradata or b"")
    if name in {"h264", "hevc"} and extradata[:1] == b"\1" and len(extradata) > 6:
        place = 4 if name == "h264" else 21
        if len(extradata) > place:
            width = (extradata[place] & 3) + 1
            return lambda data: is_length_prefixed(data, width, is_hevc=name == "hevc")
    if name in {"h264", "hevc"}:
        return lambda data: is_byte_stream(data, is_hevc=name == "hevc")
    check = _CHECKS.get(name.removeprefix("lib").partition("-")[0])
    if check is None or stream.type != "video" or name in _STUFFED:
        return check
    known = check
    return lambda data: known(data) and _ZERO_RUN not in data.rstrip(b"\0")


def is_length_prefixed(data: bytes, width: int, *, is_hevc: bool) -> bool:
    """Whether a packet consists of NAL units with *width*-byte lengths (ISO/IEC 14496-15)."""
    at, end = 0, len(data)
    while at + width < end:
        length = int.from_bytes(data[at : at + width], "big")
        at += width
        if length == 0 and not data[at:].strip(b"\0"):
            return at > width  # padding behind the last unit
        if at + length > end or not _is_unit(data, at, at + length, is_hevc=is_hevc):
            return False
        at += length
    return at <= end and end > 0


def is_byte_stream(data: bytes, *, is_hevc: bool) -> bool:
    """Whether a packet consists of NAL units behind start codes (H.264 and H.265, annex B)."""
    zeros = len(data) - len(data.lstrip(b"\0"))
    if zeros < 2 or data[zeros : zeros + 1] != b"\1":
        return False
    return _is_unit(data, zeros + 1, len(data), is_hevc=is_hevc)


def _is_unit(data: bytes, start: int, stop: int, *, is_hevc: bool) -> bool:
    """Whether bytes are a NAL unit: a possible header, and no run of zeros in a slice."""
    if start >= stop:
        return True
    header = data[start]
    if header & 0x80:
        return False
    if is_hevc:
        is_slice = header >> 1 & 0x3F < 32
        if start + 1 < stop and not data[start + 1] & 0x07:
            return False
    else:
        kind = header & 0x1F
        is_slice = 1 <= kind <= 5
        if kind == 0:
            return False
    if not is_slice:
        return True
    hole = data.find(_ZEROS, start, stop)
    # Encoders may pad the end of a unit.
    return hole < 0 or not data[hole:stop].strip(b"\0")


def _is_start_coded(data: bytes) -> bool:
    return data.lstrip(b"\0")[:1] == b"\1" and data[:2] == b"\0\0"


def _is_av1(data: bytes) -> bool:
    """Whether a packet consists of OBUs (AV1 specification, 5.3)."""
    at, end = 0, len(data)
    while at < end:
        header = data[at]
        if header & 0x81 or not header >> 3 & 0x0F:
            return False
        at += 2 if header & _AV1_EXTENSION else 1
        if not header & _AV1_HAS_SIZE:
            return True
        size = shift = 0
        while True:
            if at >= end or shift > 35:
                return False
            byte = data[at]
            size |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if not byte & 0x80:
                break
        at += size
    return at == end


def _is_vp9(data: bytes) -> bool:
    """Whether a packet begins with a VP9 frame header (6.2); key frames have a sync code."""
    if data[0] >> 6 != 0b10:
        return False
    profile = data[0] >> 5 & 1 | data[0] >> 3 & 2
    if profile == 3 or data[0] & 0x08:
        return True  # a reserved bit shifts the rest, or a picture is repeated
    is_key = not data[0] & 0x04
    return not is_key or data[1:4] == b"\x49\x83\x42"


def _is_vp8(data: bytes) -> bool:
    """Whether a packet begins with a VP8 frame tag (RFC 6386, 9.1)."""
    tag = int.from_bytes(data[:3], "little")
    if tag >> 1 & 7 > 3 or tag >> 5 > len(data):
        return False
    return bool(tag & 1) or data[3:6] == b"\x9d\x01\x2a"


def _is_jpeg(data: bytes) -> bool:
    return data[:2] == b"\xff\xd8"


def _is_ac3(data: bytes) -> bool:
    return data[:2] in {b"\x0b\x77", b"\x77\x0b"}


def _is_mpeg_audio(data: bytes) -> bool:
    return data[0] == 0xFF and data[1] & 0xE0 == 0xE0


def _is_flac(data: bytes) -> bool:
    return data[0] == 0xFF and data[1] & 0xFC == 0xF8


def _has_content(data: bytes) -> bool:
    """Whether a packet has a byte other than zero, as all coded audio has."""
    return data[0] != 0 or any(data)


_CHECKS: Final[dict[str, PacketCheck]] = {
    **dict.fromkeys(("mpeg1video", "mpeg2video", "mpeg4"), _is_start_coded),
    **dict.fromkeys(("av1", "dav1d"), _is_av1),
    **dict.fromkeys(("mp3", "mp3float", "mp2", "mp2float", "mp1float"), _is_mpeg_audio),
    **dict.fromkeys(("ac3", "eac3"), _is_ac3),
    **dict.fromkeys(("aac", "alac", "opus", "dca", "truehd", "wmav2"), _has_content),
    **dict.fromkeys(("theora", "wmv2", "wmv3", "vc1", "prores", "flv"), _has_content),
    "vp9": _is_vp9,
    "vpx": _has_content,
    "vp8": _is_vp8,
    "mjpeg": _is_jpeg,
    "flac": _is_flac,
}


def require_intact(kind: str, damaged: int, packets: int, at: float) -> None:
    """Refuse a track with damaged packets.

    Args:
        kind: `video` or `audio`.
        damaged: Number of packets that fail their check.
        packets: Number of all packets.
        at: Time of the first damaged packet in seconds.

    Raises:
        BadMediaError: If some are damaged. If nearly all are, the track is unusual, and decoding
            decides.
    """
    if 0 < damaged < _ODD_SHARE * packets:
        count = Message("packets_of", damaged=damaged, packets=packets, track=kind)
        raise BadMediaError(Message("damaged_from", damaged=count, start_seconds=max(at, 0.0)))


def is_intact(check: PacketCheck, data: bytes) -> bool:
    """Whether a packet passes its check or is too short for it."""
    return len(data) < _LEAST or check(data)
