"""The continuous clock of the output, from inputs that start anywhere and restart."""

from typing import Final

import attrs

from aniworld_providers.media.probe.track_steps import TrackSteps

#: Seconds of a forward jump from which on it may be a new clock.
LEAP_FORWARD: Final = 10.0
#: Seconds by which a clock may go back; some encoders are inexact.
LEAP_BACK: Final = 0.5
#: Seconds within which the other tracks of an input follow a jump.
_FOLLOWS_WITHIN: Final = 10.0
#: Seconds of a track behind a jump of another one that prove that it continues.
_GOES_ON: Final = 1.0
#: Largest distance in seconds of jumps in two inputs that are one jump of the stream.
_SAME_JUMP: Final = 2.0


class LoneJumpError(Exception):
    """One track jumped while the others continued; caught inside of this distribution.

    Attributes:
        clock: The clock of the input.
        jump: The jump.
    """

    def __init__(self, clock: "ClockShift", jump: "ClockJump") -> None:
        super().__init__("a track jumped alone")
        self.clock = clock
        self.jump = jump


@attrs.define
class OutputTrack(TrackSteps):
    """The state of one track of the output.

    Attributes:
        source: Index of its source.
        begin: Time of the first packet in seconds.
        next_dts: Expected time of the next packet in seconds.
        end: End of the last packet in seconds.
        damaged: Number of packets without the syntax of their codec.
        damaged_at: Time of the first of them in seconds.
    """

    source: int = 0
    begin: float | None = None
    next_dts: float = 0.0
    end: float = 0.0
    damaged: int = 0
    damaged_at: float = 0.0


@attrs.define
class Timeline:
    """The clock of the output and its oddities.

    Attributes:
        tracks: The tracks of the output.
        end: End of the last packet so far, in seconds.
        hole: Longest time without any packet, in seconds.
        hole_at: Start of that time in seconds.
        jumps: Number of clock jumps that the playlist does not announce.
        corrupt: Number of packets that the container marks as damaged.
        shifts: Per group, the seconds between its own clock and the output's.
        joined_at: Start of the current group in seconds.
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
        """Advance a track to the end of the timeline: it pauses, and no media are missing."""
        if track.last_dts is not None:
            track.last_dts = max(track.last_dts, self.end - track.step)
        track.next_dts = track.end = max(track.end, self.end)


@attrs.define(eq=False)
class ClockJump:
    """A jump of an input's clock that no playlist announces.

    Attributes:
        track: The track in which it was found.
        mark: First time behind it on the input's clock, in milliseconds.
        at: Its time on the output's clock, in seconds.
        by: Its length in seconds; negative if the clock went back.
        followed: The `id` of the other tracks that jumped, too.
    """

    track: OutputTrack
    mark: int
    at: float
    by: float
    followed: set[int] = attrs.Factory(set)


@attrs.define(eq=False)
class ClockShift:
    """Maps one input's clock to the output's.

    A jump is a new clock if every track of the stream jumps. A jump of one track is a pause of that
    track, which stays in sync with the others.

    Attributes:
        key: Its group and input.
        shift: Seconds to add at present.
        before: Seconds that were added before the last jump, for tracks that jump later.
        jumps: The jumps so far.
        pauses: Marks of jumps that are known to be pauses.
    """

    key: tuple[int, int]
    shift: float
    before: float | None = None
    jumps: list[ClockJump] = attrs.Factory(list)
    pauses: set[int] = attrs.Factory(set)

    def place(self, raw: float, track: OutputTrack, timeline: Timeline) -> float:
        """Return the shift for a packet at *raw* seconds of the input's clock.

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
    """Check after the last packet that all tracks followed every jump.

    Args:
        clocks: The clock of each input with time stamps, and its tracks.

    Raises:
        LoneJumpError: If a track continued where another one jumped.
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
