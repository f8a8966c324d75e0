"""When things happen by themselves: times of day as people write them, and the next scan."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

import attrs

#: Nobody may hold the right to run for longer without renewing it.
LONGEST_HOLD: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


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
        if not self.holder or self.held_until is None:
            return False
        # What seems to be held for long was taken before the clock jumped back.
        return timedelta(0) < self.held_until - now <= LONGEST_HOLD

    def begin(self, holder: str, now: datetime, until: datetime) -> "ScheduleState | None":
        """The state after *holder* took or renewed the right to run; `None` if another has it."""
        if self.is_held(now):
            return attrs.evolve(self, held_until=until) if holder == self.holder else None
        return ScheduleState(last_run=now, holder=holder, held_until=until)

    def end(self, holder: str, result: str) -> "ScheduleState":
        """The state after *holder* gave the right back; the same if it is not the holder's."""
        if holder != self.holder:
            return self
        return attrs.evolve(self, last_result=result, holder="", held_until=None)


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
    clock that jumped back does not put the scan off by more than one interval (or day, with
    times): a last run that lies further ahead is no longer believed, and a scan is due now.

    Args:
        last_run: When it last began; in the future after a clock jumped back.
        now: The present moment.
        interval: Time between scans.
        times: Times of day in *zone*.
        zone: The zone of *times*; the system's when `None`.
    """
    if last_run is None:
        return min(_next_at(moment, now, zone) for moment in times) if times else now
    if last_run - now > (_DAY if times else interval):
        return now
    if times:
        due = min(_next_at(moment, last_run, zone) for moment in times)
    else:
        due = last_run + interval
    return max(due, now)


def _next_at(moment: time, after: datetime, zone: tzinfo | None) -> datetime:
    local = after.astimezone(zone)
    for days in (0, 1):
        # Put together from date and time, so that it stays the same time of day where clocks
        # are changed; a time that a change leaves out comes right after it.
        day = (local + timedelta(days=days)).date()
        at = datetime.combine(day, moment, zone).astimezone(UTC)
        if at > after:
            return at
    return after + _DAY
