"""One continuous clock out of inputs that start anywhere and restart in the middle."""

from typing import Final

import attrs

from aniworld_providers.media.probe.track_steps import TrackSteps

#: A clock that leaps forward by more than this, in seconds, may be a new clock.
LEAP_FORWARD: Final = 10.0
#: A clock never goes back by itself; this much, in seconds, is forgiven to sloppy encoders.
LEAP_BACK: Final = 0.5
#: Seconds that the other tracks of an input may take until they follow a jump.
_FOLLOWS_WITHIN: Final = 10.0
#: Seconds of a track behind a jump of another one that prove that it goes on.
_GOES_ON: Final = 1.0
#: Seconds between the jumps of two inputs that are one jump of the stream.
_SAME_JUMP: Final = 2.0


class LoneJumpError(Exception):
    """One track jumped while the others went on; never leaves this distribution.

    Attributes:
        clock: The clock that saw it.
        jump: What it saw.
    """

    def __init__(self, clock: "ClockShift", jump: "ClockJump") -> None:
        super().__init__("a track jumped alone")
        self.clock = clock
        self.jump = jump


@attrs.define
class OutputTrack(TrackSteps):
    """Where one track of the output stands.

    Attributes:
        source: The number of the source that it comes from.
        begin: When the first packet is shown, in seconds.
        next_dts: When the next packet is expected, in seconds.
        end: When the last one shown ends, in seconds.
        damaged: Packets without the syntax of their codec.
        damaged_at: Where the first of those stands, in seconds.
    """

    source: int = 0
    begin: float | None = None
    next_dts: float = 0.0
    end: float = 0.0
    damaged: int = 0
    damaged_at: float = 0.0


@attrs.define
class Timeline:
    """The clock of the output, and what is odd about it.

    Attributes:
        tracks: The tracks of the output.
        end: When the last packet shown so far ends, in seconds.
        hole: The longest stretch in which nothing plays, in seconds.
        hole_at: Where it begins, in seconds.
        jumps: How often a clock jumped without the playlist saying so.
        corrupt: Packets that the container calls damaged.
        shifts: Per group, the seconds between its own clock and the output's.
        joined_at: Where the present group was joined to the one before, in seconds.
    """

    tracks: list[OutputTrack] = attrs.Factory(list)
    end: float = 0.0
    hole: float = 0.0
    hole_at: float = 0.0
    jumps: int = 0
    corrupt: int = 0
    shifts: list[float] = attrs.Factory(list)
    joined_at: float = 0.0

    def skip(self, track: OutputTrack) -> None:
        """Move a track to the end of the timeline: it pauses, and nothing of it is missing."""
        if track.last_dts is not None:
            track.last_dts = max(track.last_dts, self.end - track.step)
        track.next_dts = track.end = max(track.end, self.end)


@attrs.define(eq=False)
class ClockJump:
    """A jump of an input's clock that no playlist announced.

    Attributes:
        track: The track in which it was seen first.
        mark: The first time behind it on the input's clock, in milliseconds.
        at: Where it is on the output's clock, in seconds.
        by: How far the clock jumped, in seconds; negative if it went back.
        followed: The other tracks that jumped, too, by `id`.
    """

    track: OutputTrack
    mark: int
    at: float
    by: float
    followed: set[int] = attrs.Factory(set)


@attrs.define(eq=False)
class ClockShift:
    """Moves one input's clock onto the output's.

    A jump is a new clock if every track of the stream jumps. A jump of one track is missing
    media: the track pauses, and stays in step with the others.

    Attributes:
        key: Which group and which input it belongs to.
        shift: Seconds to add at present.
        before: Seconds that were added before the last jump: tracks of one input do not jump at
            the same packet, so stragglers still need it.
        jumps: The jumps that were followed so far.
        pauses: Marks of the jumps that are known to be pauses.
    """

    key: tuple[int, int]
    shift: float
    before: float | None = None
    jumps: list[ClockJump] = attrs.Factory(list)
    pauses: set[int] = attrs.Factory(set)

    def place(self, raw: float, track: OutputTrack, timeline: Timeline) -> float:
        """Return the shift for a packet decoded at *raw* seconds of the input's clock.

        Raises:
            LoneJumpError: If a track did not follow the last jump.
        """
        if track.last_dts is None:
            return self.shift
        off = raw + self.shift - track.next_dts
        before = self.before
        if before is not None and abs(raw + before - track.next_dts) < abs(off):
            if track.next_dts > self.jumps[-1].at + _FOLLOWS_WITHIN:
                raise LoneJumpError(self, self.jumps[-1])
            return before
        if -LEAP_BACK <= off <= LEAP_FORWARD:
            if before is not None:
                self.jumps[-1].followed.add(id(track))
            return self.shift
        jump = ClockJump(track, round(raw * 1000), track.next_dts, off)
        if jump.mark in self.pauses:
            return self.shift
        timeline.jumps += 1
        self.jumps.append(jump)
        self.before = self.shift
        self.shift = track.next_dts - raw
        return self.shift


def check_jumps(clocks: "list[tuple[ClockShift, list[OutputTrack]]]") -> None:
    """Check that every jump was one of all tracks, after all packets were placed.

    Args:
        clocks: The clock of each input that has one, with its tracks.

    Raises:
        LoneJumpError: If a track went on where another jumped.
    """
    for clock, tracks in clocks:
        for jump in clock.jumps:
            stayed = [t for t in tracks if t is not jump.track and id(t) not in jump.followed]
            for other, rest in clocks:
                jumped = any(abs(found.at - jump.at) < _SAME_JUMP for found in other.jumps)
                if other is not clock and not jumped:
                    stayed += rest
            if any(track.next_dts > jump.at + _GOES_ON for track in stayed if track.packets):
                raise LoneJumpError(clock, jump)
