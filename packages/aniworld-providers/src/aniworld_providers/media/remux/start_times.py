"""Compute common start times for the inputs of one group."""

from collections.abc import Sequence
from typing import Final

import attrs

from aniworld_providers.media.probe.sniff import CLOCK_WRAP

#: Seconds of audio before the first picture that encoders write to prime their decoders.
LONGEST_LEAD_IN: Final = 0.1
#: Largest difference of the dates of two playlists in seconds; a larger one is an error.
_DATES_APART: Final = 600.0


@attrs.frozen(kw_only=True)
class InputStart:
    """The known times at the start of one input, in seconds.

    Attributes:
        at: First time stamp as its demuxer counts.
        is_bare: Whether it is audio without a container, which the demuxer counts from zero.
        has_wrap: Whether its clock has 33 bits and restarts at zero.
        tag_time: Time in the ID3 tag of audio without a container.
        origin: Time stamp at the start of the group according to the manifest
            (`presentationTimeOffset` of DASH).
        date: Time of recording of the first sample since 1970, if known.
        picture: First time stamp of a picture as its demuxer counts, if it has pictures.
    """

    at: float
    is_bare: bool = False
    has_wrap: bool = False
    tag_time: float | None = None
    origin: float | None = None
    date: float | None = None
    picture: float | None = None

    @property
    def first(self) -> float:
        """Time stamp of the first sample."""
        return self.at if self.tag_time is None else self.tag_time

    @property
    def clock(self) -> float | None:
        """Time of the first sample on the group's clock, if known."""
        if self.is_bare and self.tag_time is None:
            return None
        return self.first - (self.origin or 0.0)


def common_shifts(starts: Sequence[InputStart], *, may_lead: bool = False) -> list[float]:
    """Return the seconds to add to the time stamps of each input.

    The first sample of all inputs is placed at zero. The others are placed by their time stamps.
    Audio without time stamps is placed by the dates of the playlists, or else with the first
    sample.

    Args:
        starts: The inputs.
        may_lead: Whether audio may begin before zero. Then the first picture is placed at zero if
            the audio begins at most `LONGEST_LEAD_IN` earlier: programs that count pictures cannot
            place one that begins within the time of another.
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
    """Return the start of an input on the clock of *lead*; `None` if unknown."""
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
