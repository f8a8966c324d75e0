"""Steps between the samples of one track: tells a stretch that is missing from a slow track."""

import math
from typing import Final

import attrs

#: Seconds between two samples from which on the step counts as a pause.
_PAUSE_FROM: Final = 0.25
#: How much longer than the step before a step has to be to count as uneven.
_UNEVEN: Final = 1.9
#: Seconds that may be missing between two samples of a track, and of one with uneven steps.
LONGEST_PAUSE: Final = 0.5
_LONGEST_HOLD: Final = 10.0
#: Seconds that may be missing where a manifest joins two stretches.
LONGEST_JOIN: Final = 2.0
#: A track is slow by nature (slides) if it has at least so many pauses, and at least one in so
#: many samples.
_SLOW_FROM: Final = 3
_SLOW_SHARE: Final = 100
#: A track has a variable frame rate if it has so many uneven steps for each pause.
_UNEVEN_SHARE: Final = 10


@attrs.define
class TrackSteps:
    """The steps of one track.

    Attributes:
        kind: `video` or `audio`.
        packets: Number of samples.
        last_dts: Decoding time of the last sample, in seconds.
        step: The last ordinary step, in seconds.
        uneven: Number of ordinary steps that were much longer than the one before.
        pauses: Number of longer steps.
        pause: The longest pause, in seconds, without the ordinary step.
        pause_at: When it begins, in seconds.
    """

    kind: str
    packets: int = 0
    last_dts: float | None = None
    step: float = 0.0
    uneven: int = 0
    pauses: int = 0
    pause: float = 0.0
    pause_at: float = 0.0

    def go_to(self, dts: float, joined_at: float = 0.0) -> None:
        """Record the next sample.

        Args:
            dts: Its decoding time in seconds.
            joined_at: Where a manifest joined two stretches last, in seconds.
        """
        last = self.last_dts
        self.packets += 1
        self.last_dts = dts
        if last is None:
            return
        step = dts - last
        if step < _PAUSE_FROM:
            if step > _UNEVEN * self.step > 0:
                self.uneven += 1
            self.step = step
        elif step > LONGEST_JOIN or last >= joined_at or dts < joined_at:
            self.pauses += 1
            pause = step - self.step
            if pause > self.pause:
                self.pause, self.pause_at = pause, last + self.step

    @property
    def missing(self) -> str | None:
        """Describe the longest stretch that is missing, `None` if nothing is."""
        if self.pause <= self.longest_pause:
            return None
        return f"its {self.kind} is missing for {self.pause:.1f} s after {self.pause_at:.1f} s"

    @property
    def longest_pause(self) -> float:
        """Seconds that may lie between two samples without meaning that something is missing."""
        if self.pauses >= _SLOW_FROM and self.pauses * _SLOW_SHARE >= self.packets:
            return math.inf
        # An encoder that leaves out pictures that do not change leaves out single ones, too.
        has_variable_rate = self.uneven >= _UNEVEN_SHARE * max(self.pauses, 1)
        return _LONGEST_HOLD if has_variable_rate else LONGEST_PAUSE
