"""Checks a file that this process has just written packet by packet."""

from pathlib import Path
from typing import Final

from aniworld_core.errors import BadMediaError
from aniworld_core.ports.inspector import MediaFacts
from aniworld_providers.media.probe.inspect import facts_of, kind_of, opened, require_duration
from aniworld_providers.media.probe.packet_check import require_intact
from aniworld_providers.media.probe.playback import check_playback
from aniworld_providers.media.probe.walk import check_walk, walk_packets
from aniworld_providers.media.remux.muxer import MuxReport

#: Fewer than for files of unknown origin: every packet was seen on its way into this one.
_MOST_FRAMES: Final = 50


def check_remuxed(path: Path, report: MuxReport) -> MediaFacts:
    """Open a written file, compare it with what was put into it, and decode samples; blocks.

    The index of an MP4 lists every packet, so its count proves that all are there; other
    containers are walked.

    Raises:
        BadMediaError: If they differ, or packets were damaged on their way in.
        LibraryUnavailableError: If it cannot be read.
    """
    for track in report.timeline.tracks:
        require_intact(track.kind, track.damaged, track.packets, track.damaged_at)
    kind = kind_of(path)
    with opened(path, kind) as container:
        facts = facts_of(container, kind)
        streams = [*container.streams.video, *container.streams.audio]
        counts = [stream.frames for stream in sorted(streams, key=lambda s: s.index)]
        if not all(counts):
            walk = walk_packets(container)
            check_walk(walk, None, None, may_pause=True)
            counts = [walk.tracks[index].packets for index in sorted(walk.tracks)]
        if tuple(counts) != report.packets:
            raise BadMediaError("the written file does not hold what was put into it")
        if facts.duration is not None:
            require_duration(facts.duration, report.timeline.end)
        check_playback(container, facts.duration, most_frames=_MOST_FRAMES)
    return facts
