"""Steps between the samples of one track: tells a stretch that is missing from a slow track."""

from typing import Final

import attrs

#: Seconds between two samples from which on the step counts as a pause.
PAUSE_FROM: Final = 0.25
#: Seconds that may be missing between two samples of a track.
LONGEST_PAUSE: Final = 0.5
#: Seconds that may be missing where a manifest joins two stretches.
LONGEST_JOIN: Final = 2.0
#: A track is slow by nature (slides, variable frame rate) if it has at least so many pauses, and
#: at least one pause in so many samples.
_SLOW_FROM: Final = 3
_SLOW_SHARE: Final = 100


@attrs.define
class TrackSteps:
    """The steps of one track.

    Attributes:
        kind: `video` or `audio`.
        packets: Number of samples.
        last_dts: Decoding time of the last sample, in seconds.
        step: The last ordinary step, in seconds.
        pauses: Number of steps of `PAUSE_FROM` and more.
        pause: The longest pause, in seconds, without the ordinary step.
        pause_at: When it begins, in seconds.
    """

    kind: str
    packets: int = 0
    last_dts: float | None = None
    step: float = 0.0
    pauses: int = 0
    pause: float = 0.0
    pause_at: float = 0.0

    def note_pause(self, last: float, step: float) -> None:
        """Record a step of at least `PAUSE_FROM` seconds that begins at *last*."""
        self.pauses += 1
        pause = step - self.step
        if pause > self.pause:
            self.pause, self.pause_at = pause, last + self.step

    @property
    def is_slow(self) -> bool:
        """Whether long steps are ordinary in this track."""
        return self.pauses >= _SLOW_FROM and self.pauses * _SLOW_SHARE >= self.packets

    @property
    def missing(self) -> str | None:
        """Describe the longest stretch that is missing, `None` if nothing is."""
        if self.is_slow or self.pause <= LONGEST_PAUSE:
            return None
        return f"its {self.kind} is missing for {self.pause:.1f} s after {self.pause_at:.1f} s"
