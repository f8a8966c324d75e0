"""Times of day as people write them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo

import attrs

from aniworld_core.errors import UsageError

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


@attrs.frozen
class Hours:
    """A daily span, start inclusive, end exclusive; may pass midnight."""

    start: time
    end: time

    def contains(self, moment: time) -> bool:
        """Whether the time of day lies in the span; equal ends mean the whole day."""
        if self.start == self.end:
            return True
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


def parse_time_of_day(raw: str) -> time:
    """Read `HH:MM`.

    Raises:
        UsageError: If it has another form.
    """
    match = _TIME.fullmatch(raw.strip())
    if match is None:
        raise UsageError(f"{raw[:40]!r} is not a time of day such as 03:30")
    return time(int(match[1]), int(match[2]))


def parse_hours(raw: str) -> Hours:
    """Read `HH:MM-HH:MM`.

    Raises:
        UsageError: If it has another form.
    """
    start, dash, end = raw.partition("-")
    if not dash:
        raise UsageError(f"{raw[:40]!r} is not a span such as 22:00-06:00")
    return Hours(parse_time_of_day(start), parse_time_of_day(end))


@attrs.frozen(kw_only=True)
class ScheduleState:
    """What is remembered of the periodic scan across restarts.

    Attributes:
        last_run: When it last began.
        last_result: How that ended, in one line; empty while it runs or before the first.
        holder: Who runs it at the moment; empty when nobody does.
        held_until: From then on the holder counts as dead.
    """

    last_run: datetime | None = None
    last_result: str = ""
    holder: str = ""
    held_until: datetime | None = None

    def is_held(self, now: datetime) -> bool:
        """Whether somebody is running it."""
        return bool(self.holder) and self.held_until is not None and now < self.held_until


def next_run(
    last_run: datetime | None,
    now: datetime,
    *,
    interval: timedelta,
    times: Sequence[time] = (),
    zone: tzinfo | None = None,
) -> datetime:
    """When the next scan is due.

    With times of day, the first of them after the last run (or after now, without one); else
    the interval after the last run. What was missed while nothing ran is due once, now. A
    clock that jumped back does not put the scan off by more than one interval.

    Args:
        last_run: When it last began; in the future after a clock jumped back.
        now: The present moment.
        interval: Time between scans.
        times: Times of day in *zone*.
        zone: The zone of *times*; the system's when `None`.
    """
    since = min(last_run, now) if last_run is not None else None
    if not times:
        return now if since is None else max(since + interval, now)
    start = since or now
    due = min(_next_at(moment, start, zone) for moment in times)
    return max(due, now) if since is not None else due


def _next_at(moment: time, after: datetime, zone: tzinfo | None) -> datetime:
    local = after.astimezone(zone)
    for days in (0, 1, 2):
        day = (local + timedelta(days=days)).date()
        candidate = datetime.combine(day, moment, zone)
        at = candidate.astimezone(UTC)
        if at > after:
            return at
    return after + timedelta(days=1)
