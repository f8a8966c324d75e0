"""A look at the two ends of a segment: when its tracks begin and end, and how large it shows."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import attrs

from aniworld_providers.media.probe.segment_check import Reader, stamp_of

_PACKET: Final = 188
_WINDOW: Final = 512 * _PACKET
_CLOCK: Final = 90_000
_WRAP: Final = 2**33
_MOST_BOXES: Final = 1000
#: How a sequence parameter set of H.264 begins, with the importance encoders give it, or of HEVC.
_PARAMETERS: Final = (
    *(b"\x00\x00\x01\x67", b"\x00\x00\x01\x27", b"\x00\x00\x01\x47"),
    b"\x00\x00\x01\x42\x01",
)
_PARAMETER_BYTES: Final = 24


@attrs.frozen
class Stretch:
    """What one track of a segment plays.

    Attributes:
        first: When it begins, on the clock of the segment.
        last: When the last sample or group of samples begins.
        step: How long that one may last; 0 where nobody knows.
    """

    first: float
    last: float
    step: float = 0.0


@attrs.frozen
class Glimpse:
    """What a look at a segment gave.

    Attributes:
        tracks: Its tracks by number. In seconds for a transport stream, in ticks of their own
            for a fragment of an MP4, where only their order means anything.
        is_timed: Whether that is seconds.
        parameters: The beginning of the picture's sequence parameter set, if one was seen.
    """

    tracks: Mapping[int, Stretch] = attrs.Factory(dict)
    is_timed: bool = False
    parameters: bytes = b""

    @property
    def span(self) -> float | None:
        """How many seconds it plays, as generously as can be; `None` if nobody can tell."""
        if not self.is_timed:
            return None
        spans = [track.last + track.step - track.first for track in self.tracks.values()]
        return max(spans, default=0.0)


def glimpse(read: Reader, length: int, demuxer: str) -> Glimpse:
    """Look at a segment; reads little of it."""
    if demuxer == "mov":
        return Glimpse(_fragments(read, length))
    if demuxer != "mpegts" or read(0, 1) != b"\x47":
        return Glimpse()
    head = read(0, min(_WINDOW, length))
    rest = max(0, length - _WINDOW)
    tail = head if rest == 0 else read(rest - rest % _PACKET, _WINDOW + _PACKET)
    begins, ends = _stamps(head), _stamps(tail)
    tracks = {pid: _stretch(begins[pid], ends[pid]) for pid in begins if pid in ends}
    is_timed = bool(tracks) or rest == 0
    return Glimpse(tracks, is_timed=is_timed, parameters=_parameters(head))


def _stretch(begins: list[int], ends: list[int]) -> Stretch:
    origin = begins[0]
    after = [((at - origin + _WRAP // 2) % _WRAP) - _WRAP // 2 for at in begins]
    late = sorted(((at - origin + _WRAP // 2) % _WRAP) - _WRAP // 2 for at in ends)
    step = max((b - a for a, b in pairwise(late)), default=0)
    first = origin + min(after)
    return Stretch(first / _CLOCK, (origin + late[-1]) / _CLOCK, step / _CLOCK)


def _stamps(data: bytes) -> dict[int, list[int]]:
    """Return the presentation times of what begins in these packets, by track."""
    found: dict[int, list[int]] = {}
    for start in range(0, len(data) - _PACKET + 1, _PACKET):
        if data[start] != 0x47 or not data[start + 1] & 0x40:
            continue
        body = start + 4
        if data[start + 3] & 0x20:
            body += 1 + data[start + 4]
        pes = data[body : min(body + 14, start + _PACKET)]
        is_media = len(pes) == 14 and pes.startswith(b"\x00\x00\x01")
        if is_media and (0xC0 <= pes[3] <= 0xEF or pes[3] == 0xBD) and pes[7] & 0x80:
            found.setdefault(_track_at(data, start), []).append(stamp_of(pes[9:14]))
    return found


def _parameters(head: bytes) -> bytes:
    for mark in _PARAMETERS:
        at = head.find(mark)
        if at >= 0:
            # What follows the set in the same packet is the picture's, and differs.
            found = _from(head, at)
            end = found.find(b"\x00\x00\x01", len(mark))
            return found[:end] if end >= 0 else found
    return b""


def _from(head: bytes, at: int) -> bytes:
    """Return what a track holds from some place on, without the heads of packets in between.

    Those count the packets, so no two segments would look alike.
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


def _fragments(read: Reader, length: int) -> dict[int, Stretch]:
    """Return when the fragments of an MP4 begin (`tfdt`, ISO/IEC 14496-12 8.8.12), by track."""
    tracks: dict[int, Stretch] = {}
    offset = 0
    for _ in range(_MOST_BOXES):
        head = read(offset, 8)
        size = int.from_bytes(head[:4], "big")
        if len(head) < 8 or size < 8 or offset + size > length:
            break
        if head[4:] == b"moof" and size < _WINDOW:
            for track, at in _decode_times(read(offset, size)):
                first = tracks[track].first if track in tracks else at
                tracks[track] = Stretch(first, at)
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
