"""Parse and write SubRip subtitles."""

import re
from collections.abc import Iterable
from itertools import pairwise

from aniworld_core.errors import BadMediaError
from aniworld_core.messages import Message
from aniworld_providers.media.text.cues import MOST_CUES, Cue
from aniworld_providers.media.text.webvtt import cue_of

_TIMING = re.compile(r"\s*(?:\d{1,6}:)?\d{1,2}:\d{1,2}[.,]\d{1,3}[ \t]*-->", re.ASCII)
_COUNTER = re.compile(r"\s*\d+\s*", re.ASCII)


def is_timing(line: str) -> bool:
    """Whether a line has the times of a cue."""
    return _TIMING.match(line) is not None


def read_subrip(text: str) -> tuple[Cue, ...]:
    """Parse a file, including blank lines inside of texts or missing ones between cues.

    Raises:
        BadMediaError: If it has too many cues.
    """
    lines = text.split("\n")
    places = [place for place, line in enumerate(lines) if is_timing(line)]
    if len(places) > MOST_CUES:
        raise BadMediaError(Message("too_many_cues", limit=MOST_CUES))
    cues: list[Cue] = []
    for place, following in pairwise([*places, len(lines)]):
        shown = lines[place + 1 : following]
        while following < len(lines) and shown and not shown[-1].strip():
            shown.pop()
        if following < len(lines) and shown and _COUNTER.fullmatch(shown[-1]):
            shown.pop()
        cue = cue_of(lines[place], shown)
        if cue is not None:
            cues.append(cue)
    return tuple(cues)


def write_subrip(cues: Iterable[Cue]) -> str:
    """Write sorted and cleaned cues."""
    return "\n".join(
        f"{number}\n{_time(cue.start)} --> {_time(cue.end)}\n{cue.text}\n"
        for number, cue in enumerate(cues, start=1)
    )


def _time(milliseconds: int) -> str:
    seconds, fraction = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02},{fraction:03}"
