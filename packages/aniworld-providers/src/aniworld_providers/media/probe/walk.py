"""Read every packet of a file to find gaps, early ends and damage."""

from typing import TYPE_CHECKING, Final

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.probe.packet_check import is_intact, packet_check_of, require_intact
from aniworld_providers.media.probe.track_steps import TrackSteps

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream

#: Longest gap in seconds without a packet of any track. Films without audio may show a still
#: picture for longer.
LONGEST_HOLE: Final = 2.0
#: Seconds by which all audio or all video may end before the rest.
_LONGEST_EARLY_END: Final = 5.0
#: Containers whose header has the end of the last packet.
_EXACT: Final = frozenset({"mov", "matroska"})
#: Containers with a packet for every picture.
_DENSE: Final = frozenset({"mov", "matroska", "mpegts", "flv"})
_LONGEST_STILL: Final = 20.0
#: Containers of recorded broadcasts.
RECORDINGS: Final = frozenset({"mpegts", "mpeg"})


@attrs.define
class TrackWalk(TrackSteps):
    """The packets of one track.

    Attributes:
        declared: Number of packets according to the header; 0 if unknown.
        start: Start of the first packet in seconds.
        end: End of the last packet in seconds.
        damaged: Number of packets without the syntax of their codec.
        damaged_at: Time of the first of them in seconds.
    """

    declared: int = 0
    start: float | None = None
    end: float = 0.0
    damaged: int = 0
    damaged_at: float = 0.0


@attrs.define
class Walk:
    """The packets of a whole file.

    Attributes:
        tracks: The video and audio tracks by stream index.
        corrupt: Number of packets that the container marks as damaged.
        hole: The longest time without any packet, in seconds.
        hole_at: Start of that time in seconds.
        is_dense: Whether the container has a packet for every picture and sound.
        is_exact: Whether its header has the end of the last packet.
    """

    tracks: dict[int, TrackWalk] = attrs.Factory(dict)
    corrupt: int = 0
    hole: float = 0.0
    hole_at: float = 0.0
    is_dense: bool = True
    is_exact: bool = False

    @property
    def has_audio(self) -> bool:
        """Whether there is an audio track."""
        return any(track.kind == "audio" for track in self.tracks.values())

    @property
    def duration(self) -> float:
        """Seconds from the start of the first packet to the end of the last."""
        starts = [track.start for track in self.tracks.values() if track.start is not None]
        return self.end - min(starts, default=0.0)

    @property
    def end(self) -> float:
        """End of the last packet in seconds."""
        return max((track.end for track in self.tracks.values() if track.packets), default=0.0)

    @property
    def notices(self) -> tuple[str, ...]:
        """Differences between the tracks of a complete file."""
        played = [track for track in self.tracks.values() if track.packets > 1]
        begin = min((track.start or 0.0 for track in played), default=0.0)
        late = [(t.kind, (t.start or 0.0) - begin) for t in played]
        early = [(t.kind, self.end - t.end) for t in played]
        return (
            *(track.missing for track in played if track.missing is not None and self.is_dense),
            *(
                Message("track_begins_late", track=k, late_seconds=s)
                for k, s in late
                if s > LONGEST_HOLE
            ),
            *(
                Message("track_ends_early", track=k, early_seconds=s)
                for k, s in early
                if s > LONGEST_HOLE
            ),
        )


def declared_packets(stream: "Stream") -> int:
    """Return the number of packets of a track according to the index; 0 if unknown.

    Only the index of an MP4 counts packets; other containers count frames or estimate. For
    uncompressed audio it counts samples, of which a packet holds many.
    """
    is_exact = stream.container.format.name.startswith("mov")
    return stream.frames if is_exact and "pcm" not in stream.codec_context.name else 0


def walk_packets(container: "InputContainer") -> Walk:
    """Read every packet of the video and audio tracks without decoding."""
    streams = [*container.streams.video, *container.streams.audio]
    name = container.format.name.partition(",")[0]
    walk = Walk(
        {s.index: TrackWalk(s.type, declared=declared_packets(s)) for s in streams},
        is_dense=name in _DENSE,
        is_exact=name in _EXACT,
    )
    bases = {s.index: float(s.time_base) if s.time_base is not None else 0.0 for s in streams}
    checks = {s.index: packet_check_of(s) for s in streams}
    has_ends = name in RECORDINGS
    last: dict[int, bool] = {}
    furthest: float | None = None
    for packet in container.demux(streams):
        if packet.size == 0:
            continue
        index = packet.stream_index
        track = walk.tracks[index]
        walk.corrupt += packet.is_corrupt
        check = checks[index]
        is_damaged = check is not None and not is_intact(check, bytes(packet))
        # A recording may begin and end within a picture.
        if is_damaged and not (has_ends and index not in last):
            track.damaged_at = track.damaged_at if track.damaged else track.end
            track.damaged += 1
        last[index] = is_damaged
        stamp = packet.dts if packet.dts is not None else packet.pts
        if stamp is None:
            track.packets += 1
            continue
        at = stamp * bases[index]
        end = at + (packet.duration or 0) * bases[index]
        if track.start is None:
            track.start = at
        track.go_to(at)
        track.end = max(track.end, end)
        if furthest is not None and at - furthest > walk.hole:
            walk.hole, walk.hole_at = at - furthest, furthest
        furthest = end if furthest is None else max(furthest, end)
    for index, track in walk.tracks.items():
        if has_ends and track.damaged and last.get(index):
            track.damaged -= 1
    return walk


def check_walk(
    walk: Walk, header: float | None, expected: float | None, *, may_pause: bool = False
) -> None:
    """Raise BadMediaError for missing or damaged media found by a walk.

    Args:
        walk: The result of the walk.
        header: Playing time in seconds according to the container.
        expected: Expected playing time in seconds.
        may_pause: Whether parts of one track may be missing, as in the original.

    Raises:
        BadMediaError: If media are cut off, missing or damaged.
    """
    for track in walk.tracks.values():
        if track.packets == 0:
            raise BadMediaError(Message("track_empty", track=track.kind))
        if track.packets < track.declared:
            raise BadMediaError(
                Message(
                    "packets_cut_off",
                    there=track.packets,
                    promised=track.declared,
                    track=track.kind,
                )
            )
        at = track.damaged_at - (track.start or 0.0)
        require_intact(track.kind, track.damaged, track.packets, at)
    if walk.corrupt > len(walk.tracks):
        raise BadMediaError(Message("packets_damaged", damaged=walk.corrupt))
    if walk.hole > (LONGEST_HOLE if walk.has_audio else _LONGEST_STILL):
        raise BadMediaError(
            Message("stretch_missing", missing_seconds=walk.hole, start_seconds=walk.hole_at)
        )
    pauses = [track.missing for track in walk.tracks.values() if track.missing is not None]
    if pauses and walk.is_dense and not may_pause:
        raise BadMediaError(pauses[0])
    if header is not None and walk.is_exact and walk.end < header - LONGEST_HOLE:
        raise BadMediaError(Message("cut_off", end_seconds=walk.end, whole_seconds=header))
    if walk.is_dense and not may_pause:
        _check_ends(walk)
    for wanted in (header, expected):
        if wanted is not None and walk.duration < wanted - max(0.02 * wanted, 2.0):
            raise BadMediaError(Message("cut_off", end_seconds=walk.duration, whole_seconds=wanted))


def _check_ends(walk: Walk) -> None:
    """Refuse a film whose audio or video ends long before the rest."""
    for kind in ("video", "audio"):
        played = [t for t in walk.tracks.values() if t.kind == kind and t.packets > 1]
        if not played:
            continue
        last = max(played, key=lambda track: track.end)
        # The last picture of a slow track is shown until the audio ends.
        if walk.end - last.end > max(_LONGEST_EARLY_END, last.longest_pause):
            start = min(t.start or 0.0 for t in walk.tracks.values())
            end, whole = last.end - start, walk.end - start
            raise BadMediaError(
                Message("track_cut_off", track=kind, end_seconds=end, whole_seconds=whole)
            )
