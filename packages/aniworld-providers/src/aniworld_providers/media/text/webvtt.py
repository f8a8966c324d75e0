"""Parse WebVTT (W3C) with the timestamp map of HLS segments (RFC 8216 section 3.5)."""

import html
import re
from collections.abc import Callable
from typing import Final

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.text.cues import MOST_CUES, Cue, cleaned

_TIME: Final = r"(?:(\d{1,6}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}[ \t]*-->[ \t]*{_TIME}", re.ASCII)
_MPEG_TIME = re.compile(r"MPEGTS:(\d{1,20})", re.ASCII)
_LOCAL_TIME = re.compile(rf"LOCAL:{_TIME}", re.ASCII)
#: Blocks without a cue that may contain an arrow.
_ASIDES: Final = ("NOTE", "STYLE", "REGION")


@attrs.frozen
class ClockMark:
    """One moment on two clocks (`X-TIMESTAMP-MAP`).

    Attributes:
        mpeg: Time on the video's clock in ticks of 90 kHz.
        local: Time on the cues' clock in milliseconds.
    """

    mpeg: int
    local: int


@attrs.frozen
class WebVtt:
    """The cues of a file or segment and their timestamp map."""

    cues: tuple[Cue, ...]
    mark: ClockMark | None = None


def read_webvtt(text: str) -> WebVtt:
    """Parse a file or a segment; skip invalid blocks.

    Raises:
        BadMediaError: If it has too many cues.
    """
    cues: list[Cue] = []
    head, *blocks = _blocks(text)
    for block in (head, *blocks):
        at = next((i for i, line in enumerate(block) if "-->" in line), None)
        if at is None or block[0].startswith(_ASIDES) or at > 2:
            continue
        cue = cue_of(block[at], block[at + 1 :], decoded=html.unescape)
        if cue is not None:
            cues.append(cue)
        if len(cues) > MOST_CUES:
            raise BadMediaError(Message("too_many_cues", limit=MOST_CUES))
    return WebVtt(tuple(cues), _mark(head))


def cue_of(timing: str, lines: list[str], *, decoded: Callable[[str], str] = str) -> Cue | None:
    """Return the cue with these times and lines; `None` if the times are invalid."""
    match = _TIMING.match(timing)
    if match is None:
        return None
    numbers = match.groups()
    start, end = milliseconds(*numbers[:4]), milliseconds(*numbers[4:])
    return Cue(start, end, cleaned("\n".join(lines), decoded))


def milliseconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> int:
    """Return a time in milliseconds; a short fraction is padded."""
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int(fraction.ljust(3, "0"))


def _blocks(text: str) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block] or [[""]]


def _mark(head: list[str]) -> ClockMark | None:
    line = next((line for line in head if line.startswith("X-TIMESTAMP-MAP")), "")
    mpeg, local = _MPEG_TIME.search(line), _LOCAL_TIME.search(line)
    if mpeg is None or local is None:
        return None
    return ClockMark(int(mpeg[1]) % 2**33, milliseconds(*local.groups()))
