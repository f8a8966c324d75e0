"""Steps between the samples of a track, to distinguish missing media from a slow track."""

import math
from typing import Final

import attrs

from aniworld_core.messages import Message

#: Shortest step in seconds that counts as a pause.
_PAUSE_FROM: Final = 0.25
#: Ratio to the previous step from which on a step counts as uneven.
_UNEVEN: Final = 1.9
#: Longest pause in seconds of a track, and of a track with uneven steps.
LONGEST_PAUSE: Final = 0.5
_LONGEST_HOLD: Final = 10.0
#: Longest pause in seconds where a manifest joins two groups.
LONGEST_JOIN: Final = 2.0
#: Pauses, and samples per pause, from which on a track counts as slow (such as slides).
_SLOW_FROM: Final = 3
_SLOW_SHARE: Final = 100
#: Uneven steps per pause from which on a track has a variable frame rate.
_UNEVEN_SHARE: Final = 10


@attrs.define
class TrackSteps:
    """The steps of one track.

    Attributes:
        kind: `video` or `audio`.
        packets: Number of samples.
        last_dts: Decoding time of the last sample, in seconds.
        step: The last ordinary step in seconds.
        uneven: Number of ordinary steps that were much longer than the one before.
        pauses: Number of longer steps.
        pause: The longest pause in seconds, without the ordinary step.
        pause_at: Start of that pause in seconds.
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
            joined_at: Time in seconds of the last join of two groups.
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
        """Description of the longest missing part; `None` if nothing is missing."""
        if self.pause <= self.longest_pause:
            return None
        return Message(
            "track_missing",
            track=self.kind,
            missing_seconds=self.pause,
            start_seconds=self.pause_at,
        )

    @property
    def longest_pause(self) -> float:
        """Longest step in seconds that does not mean missing media."""
        if self.pauses >= _SLOW_FROM and self.pauses * _SLOW_SHARE >= self.packets:
            return math.inf
        # An encoder that omits unchanged pictures omits single ones, too.
        has_variable_rate = self.uneven >= _UNEVEN_SHARE * max(self.pauses, 1)
        return _LONGEST_HOLD if has_variable_rate else LONGEST_PAUSE
