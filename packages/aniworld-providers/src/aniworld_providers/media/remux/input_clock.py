"""Places the inputs of one stretch on a common clock."""

from collections.abc import Sequence
from typing import Final

import attrs

from aniworld_providers.media.probe.sniff import CLOCK_WRAP

#: Seconds of sound in front of the first picture that encoders write to start their decoders up.
LONGEST_LEAD_IN: Final = 0.1
#: Seconds between the dates of two playlists of one stream; more is a mistake of one of them.
_DATES_APART: Final = 600.0


@attrs.frozen(kw_only=True)
class InputStart:
    """What is known about the beginning of one input; times are in seconds.

    Attributes:
        at: Its first time stamp, as its demuxer counts.
        is_bare: Whether it is bare sound, whose demuxer counts from zero whatever it plays.
        has_wrap: Whether its clock has 33 bits and begins again at zero.
        told: The time that is told beside the samples of bare sound.
        origin: The time stamp that plays at the beginning of the stretch, where the manifest
            tells (`presentationTimeOffset` of DASH).
        date: When the first sample was recorded, since 1970, where the manifest tells.
        picture: Its first time stamp of a picture, as its demuxer counts, if it has pictures.
    """

    at: float
    is_bare: bool = False
    has_wrap: bool = False
    told: float | None = None
    origin: float | None = None
    date: float | None = None
    picture: float | None = None

    @property
    def first(self) -> float:
        """The time stamp of the first sample."""
        return self.at if self.told is None else self.told

    @property
    def clock(self) -> float | None:
        """The time of the first sample on the clock of the stretch, if its samples tell."""
        if self.is_bare and self.told is None:
            return None
        return self.first - (self.origin or 0.0)


def common_shifts(starts: Sequence[InputStart], *, may_lead: bool = False) -> list[float]:
    """Return the seconds to add to the time stamps of each input.

    The first sample of all is placed at zero. Time stamps decide where the others are. Bare sound
    without any is placed by the dates of the playlists, and without dates it begins with the first
    of the others.

    Args:
        starts: The inputs.
        may_lead: Whether sound may begin before zero. Then the first picture is placed at zero
            if it comes at most `LONGEST_LEAD_IN` later than the sound: pictures that begin within
            the time of a picture are hard to place for programs that count them.
    """
    lead = next((start for start in starts if start.clock is not None), starts[0])
    known = [_place_of(start, lead) for start in starts]
    begin = min((place for place in known if place is not None), default=0.0)
    places = [begin if place is None else place for place in known]
    pictures = [
        place + start.picture - start.at
        for place, start in zip(places, starts, strict=True)
        if start.picture is not None
    ]
    if may_lead and pictures and min(pictures) - begin <= LONGEST_LEAD_IN:
        begin = min(pictures)
    return [place - begin - start.first for place, start in zip(places, starts, strict=True)]


def _place_of(start: InputStart, lead: InputStart) -> float | None:
    """Return where an input begins on the clock of *lead*, `None` if nothing tells."""
    zero = lead.clock or 0.0
    if start.clock is not None:
        off = start.clock - zero
        if start.has_wrap or lead.has_wrap:
            off -= round(off / CLOCK_WRAP) * CLOCK_WRAP
        return zero + off
    if start.date is not None and lead.date is not None:
        off = start.date - lead.date
        return zero + off if abs(off) <= _DATES_APART else None
    return None
