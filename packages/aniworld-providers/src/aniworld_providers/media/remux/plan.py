"""A remux as data: what goes in, the report and the check, as lines between two processes."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import attrs

from aniworld_core.domain.media import Chapter
from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_core.ports.inspector import MediaFacts
from aniworld_providers.media.probe.inspect import (
    facts_of,
    kind_of,
    opened,
    require_duration,
)
from aniworld_providers.media.probe.packet_check import require_intact
from aniworld_providers.media.probe.playback import check_playback, is_cover
from aniworld_providers.media.probe.walk import check_walk, walk_packets
from aniworld_providers.media.remux.extras import Extras
from aniworld_providers.media.remux.group_feed import Extent, GroupFeed, Segments, Stored
from aniworld_providers.media.remux.input import TrackSource
from aniworld_providers.media.remux.muxer import MuxReport, remux
from aniworld_providers.media.remux.timeline import OutputTrack, Timeline


@attrs.frozen(kw_only=True)
class TrackPlan:
    """One track: the segment indices of its groups; other fields as in `TrackSource`."""

    groups: tuple[tuple[int, ...], ...]
    has_video: bool = True
    has_audio: bool = True
    language: str | None = None
    origins: tuple[float | None, ...] = ()
    dates: tuple[float | None, ...] = ()


@attrs.frozen(kw_only=True)
class RemuxPlan:
    """The inputs and output of a remux.

    Attributes:
        tracks: The tracks.
        data: Path of the segments' data file.
        target: Path of the output.
        duration: Announced playing time in seconds.
        count: Number of segments.
        wanted: Requested suffix, or empty.
        extras: Chapters and cover of the output.
    """

    tracks: tuple[TrackPlan, ...]
    data: Path
    target: Path
    duration: float
    count: int
    wanted: str = ""
    extras: Extras = Extras()

    def run(self, segments: Segments, cancelled: Callable[[], bool]) -> MuxReport:
        """Write the output; blocks.

        Raises:
            What `remux` raises.
        """
        sources = [
            TrackSource(
                groups=[partial(GroupFeed, segments, g) if g else None for g in track.groups],
                has_video=track.has_video,
                has_audio=track.has_audio,
                language=track.language,
                origins=track.origins,
                dates=track.dates,
            )
            for track in self.tracks
        ]
        return remux(
            sources,
            self.target,
            expected_duration=self.duration,
            wanted=self.wanted,
            extras=self.extras,
            cancelled=cancelled,
        )

    def to_line(self) -> bytes:
        """Serialise the plan as one line."""
        return line_of(attrs.asdict(self, value_serializer=_plain))

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Parse a line of `to_line`."""
        found = json.loads(line)
        tracks = tuple(
            TrackPlan(
                **track
                | {"groups": tuple(tuple(group) for group in track["groups"])}
                | {name: tuple(track[name]) for name in ("origins", "dates")}
            )
            for track in found["tracks"]
        )
        paths = {name: Path(found[name]) for name in ("data", "target")}
        extras = found["extras"]
        chapters = tuple(Chapter(**chapter) for chapter in extras["chapters"])
        cover = Path(extras["cover"]) if extras["cover"] else None
        added = Extras(**extras | {"chapters": chapters, "cover": cover})
        return cls(**found | paths | {"tracks": tracks, "extras": added})


def _plain(_instance: object, _field: object, value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def line_of(message: object) -> bytes:
    """Serialise a message as one line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def stored_line(index: int, stored: Stored) -> bytes:
    """Serialise the extents of a segment as one line."""
    where = [[extent.offset, extent.length] for extent in stored.extents]
    return line_of([index, where, stored.check])


def read_stored_line(line: bytes) -> tuple[int, Stored]:
    """Parse a line of `stored_line`."""
    index, where, check = json.loads(line)
    return index, Stored(tuple(Extent(*each) for each in where), check)


def report_of(found: dict[str, Any]) -> MuxReport:
    """Parse a report from its `attrs.asdict` after JSON."""
    timeline: dict[str, Any] = found["timeline"]
    tracks: Sequence[dict[str, Any]] = timeline["tracks"]
    return MuxReport(
        suffix=found["suffix"],
        packets=tuple(found["packets"]),
        timeline=Timeline(**timeline | {"tracks": [OutputTrack(**track) for track in tracks]}),
        audio_languages=tuple(found["audio_languages"]),
    )


#: Most pictures to decode at one place; fewer than for other files, since all packets were checked.
_MOST_FRAMES: Final = 50


def check_remuxed(path: Path, report: MuxReport) -> MediaFacts:
    """Open a written file, compare its packet counts with the report, and decode samples; blocks.

    The index of an MP4 counts every packet; other containers are walked.

    Raises:
        BadMediaError: If the counts differ, or packets of the input were damaged.
        LibraryUnavailableError: If the file cannot be read.
    """
    for track in report.timeline.tracks:
        require_intact(track.kind, track.damaged, track.packets, track.damaged_at)
    kind = kind_of(path)
    with opened(path, kind) as container:
        facts = facts_of(container, kind)
        films = [stream for stream in container.streams.video if not is_cover(stream)]
        streams = [*films, *container.streams.audio]
        counts = [stream.frames for stream in sorted(streams, key=lambda s: s.index)]
        if not all(counts):
            walk = walk_packets(container)
            check_walk(walk, None, None, may_pause=True)
            counts = [walk.tracks[s.index].packets for s in sorted(streams, key=lambda s: s.index)]
        if tuple(counts) != report.packets:
            raise BadMediaError(Message("packets_lost"))
        if facts.duration is not None:
            require_duration(facts.duration, report.timeline.end)
        check_playback(container, facts.duration, most_frames=_MOST_FRAMES)
    return facts
