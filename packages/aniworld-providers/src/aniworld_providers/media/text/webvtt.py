"""Reads WebVTT (W3C) and what RFC 8216 section 3.5 puts in front of its segments."""

import html
import re
from collections.abc import Callable
from typing import Final

import attrs

from aniworld_core.errors import BadMediaError
from aniworld_providers.media.text.cues import MOST_CUES, Cue, cleaned

_TIME: Final = r"(?:(\d{1,6}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}[ \t]*-->[ \t]*{_TIME}", re.ASCII)
_MPEG_TIME = re.compile(r"MPEGTS:(\d{1,20})", re.ASCII)
_LOCAL_TIME = re.compile(rf"LOCAL:{_TIME}", re.ASCII)
#: Blocks that hold no cue although an arrow may be in them.
_ASIDES: Final = ("NOTE", "STYLE", "REGION")


@attrs.frozen
class ClockMark:
    """One moment on two clocks.

    Attributes:
        mpeg: On the clock of the picture, in ticks of 90 kHz.
        local: On that of the cues, in milliseconds.
    """

    mpeg: int
    local: int


@attrs.frozen
class WebVtt:
    """The cues of a file or segment, and how their clock belongs to the picture's."""

    cues: tuple[Cue, ...]
    mark: ClockMark | None = None


def read_webvtt(text: str) -> WebVtt:
    """Read a file or a segment; what is broken in it is passed over.

    Raises:
        BadMediaError: If it has more cues than any film.
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
            raise BadMediaError(f"it has more than {MOST_CUES} cues")
    return WebVtt(tuple(cues), _mark(head))


def cue_of(timing: str, lines: list[str], *, decoded: Callable[[str], str] = str) -> Cue | None:
    """Make a cue of its line of times and its lines of text; `None` if the times make no sense."""
    match = _TIMING.match(timing)
    if match is None:
        return None
    numbers = match.groups()
    start, end = milliseconds(*numbers[:4]), milliseconds(*numbers[4:])
    return Cue(start, end, cleaned("\n".join(lines), decoded))


def milliseconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> int:
    """Put a time together; a fraction of fewer than three digits is filled up."""
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
