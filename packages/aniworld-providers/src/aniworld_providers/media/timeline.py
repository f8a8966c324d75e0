"""One continuous clock out of inputs that start anywhere and restart in the middle."""

from typing import Final

import attrs

#: A clock that leaps forward by more than this, in seconds, is a new clock and no pause.
LEAP_FORWARD: Final = 10.0
#: A clock never goes back by itself; this much, in seconds, is forgiven to sloppy encoders.
LEAP_BACK: Final = 0.5


@attrs.define
class OutputTrack:
    """Where one track of the output stands.

    Attributes:
        kind: `video` or `audio`.
        packets: How many packets it has.
        last_dts: Decoding time of the last, in seconds.
        next_dts: When the next is expected, in seconds.
        end: When the last one shown ends, in seconds.
    """

    kind: str
    packets: int = 0
    last_dts: float | None = None
    next_dts: float = 0.0
    end: float = 0.0


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
    """

    tracks: list[OutputTrack] = attrs.Factory(list)
    end: float = 0.0
    hole: float = 0.0
    hole_at: float = 0.0
    jumps: int = 0
    corrupt: int = 0
    shifts: list[float] = attrs.Factory(list)

    def note(self, track: OutputTrack, dts: float, pts: float, duration: float) -> None:
        """Take note of a packet placed on the output's clock."""
        end = self.end
        if end and dts - end > self.hole:
            self.hole, self.hole_at = dts - end, end
        track.packets += 1
        track.last_dts = dts
        track.next_dts = dts + duration
        shown = pts + duration
        if shown > track.end:
            track.end = shown
            if shown > end:
                self.end = shown


@attrs.define
class ClockShift:
    """Moves one input's clock onto the output's.

    Attributes:
        shift: Seconds to add at present.
        before: Seconds that were added before the last jump: tracks of one input do not jump at
            the same packet, so stragglers still need it.
    """

    shift: float
    before: float | None = None

    def place(self, raw: float, track: OutputTrack, timeline: Timeline) -> float:
        """Return the shift for a packet decoded at *raw* seconds of the input's clock."""
        if track.last_dts is None:
            return self.shift
        off = raw + self.shift - track.next_dts
        before = self.before
        if before is not None and abs(raw + before - track.next_dts) < abs(off):
            return before
        if -LEAP_BACK <= off <= LEAP_FORWARD:
            return self.shift
        timeline.jumps += 1
        self.before = self.shift
        self.shift = track.next_dts - raw
        return self.shift
