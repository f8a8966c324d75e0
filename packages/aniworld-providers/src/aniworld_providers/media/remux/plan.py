"""What is to be put into a container, and what came of it, as lines between two processes."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

import attrs

from aniworld_providers.media.remux.group_feed import Extent, GroupFeed, Segments, Stored
from aniworld_providers.media.remux.input import TrackSource
from aniworld_providers.media.remux.muxer import MuxReport, remux
from aniworld_providers.media.remux.timeline import OutputTrack, Timeline


@attrs.frozen(kw_only=True)
class TrackPlan:
    """One track: the segments of its groups by index; the rest as in `TrackSource`."""

    groups: tuple[tuple[int, ...], ...]
    has_video: bool = True
    has_audio: bool = True
    language: str | None = None
    origins: tuple[float | None, ...] = ()
    dates: tuple[float | None, ...] = ()


@attrs.frozen(kw_only=True)
class RemuxPlan:
    """A whole remux.

    Attributes:
        tracks: What goes in.
        data: The file in which the segments lie.
        target: Where it goes to.
        duration: The promised playing time in seconds.
        count: How many segments there are.
        wanted: The suffix of the name that a person chose, or nothing.
    """

    tracks: tuple[TrackPlan, ...]
    data: Path
    target: Path
    duration: float
    count: int
    wanted: str = ""

    def run(self, segments: Segments, cancelled: Callable[[], bool]) -> MuxReport:
        """Write the target; blocks.

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
            cancelled=cancelled,
        )

    def to_line(self) -> bytes:
        """Write it down."""
        return line_of(attrs.asdict(self) | {"data": str(self.data), "target": str(self.target)})

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Read what `to_line` wrote."""
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
        return cls(**found | paths | {"tracks": tracks})


def line_of(message: object) -> bytes:
    """Write a message down as one line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def stored_line(index: int, stored: Stored) -> bytes:
    """Write down where a segment lies."""
    where = [[extent.offset, extent.length] for extent in stored.extents]
    return line_of([index, where, stored.check])


def read_stored_line(line: bytes) -> tuple[int, Stored]:
    """Read what `stored_line` wrote."""
    index, where, check = json.loads(line)
    return index, Stored(tuple(Extent(*each) for each in where), check)


def report_of(found: dict[str, Any]) -> MuxReport:
    """Make a report of its `attrs.asdict` that has been through JSON."""
    timeline: dict[str, Any] = found["timeline"]
    tracks: Sequence[dict[str, Any]] = timeline["tracks"]
    return MuxReport(
        suffix=found["suffix"],
        packets=tuple(found["packets"]),
        timeline=Timeline(**timeline | {"tracks": [OutputTrack(**track) for track in tracks]}),
        audio_languages=tuple(found["audio_languages"]),
    )
