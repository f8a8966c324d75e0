"""Probe a segment: whether it is cut off or too short, when its tracks begin and end."""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Final, TypeAlias

import attrs

from aniworld_providers.media.structure.boxes import MP4_BOXES

#: Reads up to `size` bytes from an offset: `read(offset, size)`.
Reader: TypeAlias = Callable[[int, int], bytes]

_PACKET: Final = 188
_WINDOW: Final = 512 * _PACKET
_CLOCK: Final = 90_000
_WRAP: Final = 2**33
#: Most boxes to read of one segment: for its times, and for its end.
_MOST_TIMED_BOXES: Final = 1000
_MOST_BOXES: Final = 10_000
#: First bytes of a sequence parameter set of H.264 (in common variants) and of HEVC.
_PARAMETERS: Final = (
    *(b"\x00\x00\x01\x67", b"\x00\x00\x01\x27", b"\x00\x00\x01\x47"),
    b"\x00\x00\x01\x42\x01",
)
_PARAMETER_BYTES: Final = 24


@attrs.frozen
class TrackTimes:
    """The times of one track of a segment.

    Attributes:
        first: Time of the first sample, on the segment's own clock.
        last: Time of the last sample or group of samples.
        step: Longest duration of the last sample; 0 if unknown.
    """

    first: float
    last: float
    step: float = 0.0


@attrs.frozen
class SegmentProbe:
    """The times and parameters at the two ends of a segment.

    Attributes:
        tracks: Its tracks by number: in seconds for a transport stream, in the track's own ticks
            for an MP4 fragment, where only their order is comparable.
        is_timed: Whether the times are in seconds.
        parameters: The beginning of the video's sequence parameter set, if found.
    """

    tracks: Mapping[int, TrackTimes] = attrs.Factory(dict)
    is_timed: bool = False
    parameters: bytes = b""

    @property
    def longest(self) -> float | None:
        """Longest possible playing time in seconds; `None` if unknown."""
        if not self.is_timed:
            return None
        durations = [track.last + track.step - track.first for track in self.tracks.values()]
        return max(durations, default=0.0)


def probe_segment(read: Reader, length: int, demuxer: str) -> SegmentProbe:
    """Probe a segment; reads only its ends."""
    if demuxer == "mov":
        return SegmentProbe(_fragments(read, length))
    if demuxer != "mpegts" or read(0, 1) != b"\x47":
        return SegmentProbe()
    head = read(0, min(_WINDOW, length))
    rest = max(0, length - _WINDOW)
    tail = head if rest == 0 else read(rest - rest % _PACKET, _WINDOW + _PACKET)
    begins, ends = _stamps(head), _stamps(tail)
    tracks = {pid: _track_times(begins[pid], ends[pid]) for pid in begins if pid in ends}
    is_timed = bool(tracks) or rest == 0
    return SegmentProbe(tracks, is_timed=is_timed, parameters=_parameters(head))


def _track_times(begins: list[int], ends: list[int]) -> TrackTimes:
    origin = begins[0]
    after = [((at - origin + _WRAP // 2) % _WRAP) - _WRAP // 2 for at in begins]
    late = sorted(((at - origin + _WRAP // 2) % _WRAP) - _WRAP // 2 for at in ends)
    step = max((b - a for a, b in pairwise(late)), default=0)
    first = origin + min(after)
    return TrackTimes(first / _CLOCK, (origin + late[-1]) / _CLOCK, step / _CLOCK)


def _stamps(data: bytes) -> dict[int, list[int]]:
    """Return the presentation times in these packets, by track."""
    found: dict[int, list[int]] = {}
    for start, pes in _timed_headers(data):
        if 0xC0 <= pes[3] <= 0xEF or pes[3] == 0xBD:
            found.setdefault(_track_at(data, start), []).append(stamp_of(pes[9:14]))
    return found


def _timed_headers(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield packet offset and PES header of every PES packet that starts with a time stamp."""
    for start in range(0, len(data) - _PACKET + 1, _PACKET):
        if data[start] != 0x47 or not data[start + 1] & 0x40:
            continue
        body = start + 4
        if data[start + 3] & 0x20:
            body += 1 + data[start + 4]
        pes = data[body : min(body + 14, start + _PACKET)]
        if len(pes) == 14 and pes.startswith(b"\x00\x00\x01") and pes[7] & 0x80:
            yield start, pes


def _parameters(head: bytes) -> bytes:
    for mark in _PARAMETERS:
        at = head.find(mark)
        if at >= 0:
            # The bytes behind the set belong to the picture and differ.
            found = _from(head, at)
            end = found.find(b"\x00\x00\x01", len(mark))
            return found[:end] if end >= 0 else found
    return b""


def _from(head: bytes, at: int) -> bytes:
    """Return the bytes of a track from an offset on, without the packet headers between them.

    The headers count the packets, so with them no two segments would be equal.
    """
    start = at - at % _PACKET
    track = _track_at(head, start)
    found = head[at : start + _PACKET]
    while len(found) < 4 + _PARAMETER_BYTES and start + 2 * _PACKET <= len(head):
        start += _PACKET
        if _track_at(head, start) == track:
            body = start + 4 + (1 + head[start + 4] if head[start + 3] & 0x20 else 0)
            found += head[body : start + _PACKET]
    return found[: 4 + _PARAMETER_BYTES]


def _track_at(data: bytes, start: int) -> int:
    return (data[start + 1] & 0x1F) << 8 | data[start + 2]


def _fragments(read: Reader, length: int) -> dict[int, TrackTimes]:
    """Return the times of the fragments of an MP4 by track (`tfdt`, ISO/IEC 14496-12 8.8.12)."""
    tracks: dict[int, TrackTimes] = {}
    offset = 0
    for _ in range(_MOST_TIMED_BOXES):
        head = read(offset, 8)
        size = int.from_bytes(head[:4], "big")
        if len(head) < 8 or size < 8 or offset + size > length:
            break
        if head[4:] == b"moof" and size < _WINDOW:
            for track, at in _decode_times(read(offset, size)):
                first = tracks[track].first if track in tracks else at
                tracks[track] = TrackTimes(first, at)
        offset += size
    return tracks


def _decode_times(moof: bytes) -> list[tuple[int, int]]:
    times: list[tuple[int, int]] = []
    at = moof.find(b"tfhd")
    while at >= 0:
        track = int.from_bytes(moof[at + 8 : at + 12], "big")
        following = moof.find(b"tfhd", at + 4)
        time = moof.find(b"tfdt", at, following if following >= 0 else len(moof))
        if time >= 0:
            width = 8 if moof[time + 4] == 1 else 4
            times.append((track, int.from_bytes(moof[time + 8 : time + 8 + width], "big")))
        at = following
    return times


def is_cut_off(read: Reader, length: int, demuxer: str) -> bool:
    """Whether a segment certainly ends within a packet or box."""
    if demuxer == "mov":
        return media_end(read, length) is None
    if demuxer == "mpegts":
        rest = length % _PACKET
        first = read(0, 1)
        # Other bytes behind the last packet are harmless; the start of another packet is not.
        return bool(rest) and first == b"\x47" and read(length - rest, 1) == b"\x47"
    return False


def ends_whole(read: Reader, length: int, demuxer: str) -> bool:
    """Whether a segment certainly ends with a complete packet or box."""
    if demuxer == "mpegts":
        last = read(length - _PACKET, 1) if length >= _PACKET else b""
        return length % _PACKET == 0 and last == b"\x47"
    return demuxer == "mov" and length > 0 and media_end(read, length, strict=True) == length


def is_too_short(
    read: Reader, length: int, demuxer: str, duration: float, *, is_lenient: bool = False
) -> bool:
    """Whether a segment plays shorter than *duration* seconds, as far as known.

    Args:
        read: Reads the segment.
        length: Its size in bytes.
        demuxer: Its demuxer.
        duration: Playing time in seconds according to its playlist.
        is_lenient: Whether the playlist's durations are known to be inexact.
    """
    if demuxer != "mpegts" or duration <= 0:
        return False
    first = _pictures(read(0, min(_WINDOW, length)))
    tail = max(0, length - _WINDOW)
    last = _pictures(read(tail - tail % _PACKET, _WINDOW + _PACKET))
    if not first or not last:
        return False
    played = (max(last, key=lambda at: (at - first[0]) % _WRAP) - min(first)) % _WRAP / _CLOCK
    allowed = 0.1 + 0.3 * duration if is_lenient else max(0.25, 0.1 * duration)
    return played < duration - allowed


def media_end(read: Reader, length: int, *, strict: bool = False) -> int | None:
    """Return the end of the last box of an MP4 fragment; `None` if the box is cut off.

    The bytes behind it belong to no box: padding of packagers, or bytes that servers append.

    Args:
        read: Reads the segment.
        length: Its size in bytes.
        strict: Whether a box without a size counts as cut off.
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
    """Return the presentation times of the pictures that begin in these packets."""
    return [stamp_of(pes[9:14]) for _, pes in _timed_headers(data) if 0xE0 <= pes[3] <= 0xEF]


def stamp_of(raw: bytes) -> int:
    """Parse a time stamp of a packetised stream (ISO/IEC 13818-1, 2.4.3.7)."""
    high = (raw[0] >> 1 & 0x07) << 30
    middle = (raw[1] << 7 | raw[2] >> 1) << 15
    return high | middle | raw[3] << 7 | raw[4] >> 1
