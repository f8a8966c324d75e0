"""Times of day and daily spans in the notation of the configuration."""

import re
from datetime import time

import attrs

from aniworld_core.errors import UsageError
from aniworld_core.messages import Message

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


@attrs.frozen
class Hours:
    """A daily span, start inclusive, end exclusive; may cross midnight."""

    start: time
    end: time

    def contains(self, moment: time) -> bool:
        """Return whether the span contains a time of day; equal ends mean the whole day."""
        if self.start == self.end:
            return True
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


def parse_time_of_day(raw: str) -> time:
    """Parse `HH:MM`.

    Raises:
        UsageError: If the text has another form.
    """
    match = _TIME.fullmatch(raw.strip())
    if match is None:
        raise UsageError(Message("not_a_time", raw=raw[:40]))
    return time(int(match[1]), int(match[2]))


def parse_hours(raw: str) -> Hours:
    """Parse `HH:MM-HH:MM`.

    Raises:
        UsageError: If the text has another form.
    """
    start, dash, end = raw.partition("-")
    if not dash:
        raise UsageError(Message("not_a_time_span", raw=raw[:40]))
    return Hours(parse_time_of_day(start), parse_time_of_day(end))
