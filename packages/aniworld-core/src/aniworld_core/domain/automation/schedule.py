"""Schedule of library scans: the last run, the next run, and the lease of the running one."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

import attrs

#: Duration of the lease of a running scan.
LONGEST_HOLD: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


@attrs.frozen(kw_only=True)
class ScheduleState:
    """Stored state of the periodic scan.

    Attributes:
        last_run: Start of the last scan.
        last_result: Result of the last scan in one line; empty while it runs or before the first.
        holder: Process that runs the scan; empty if none does.
        held_until: End of the lease.
    """

    last_run: datetime | None = None
    last_result: str = ""
    holder: str = ""
    held_until: datetime | None = None

    def is_held(self, now: datetime) -> bool:
        """Return whether a process holds the lease."""
        if not self.holder or self.held_until is None:
            return False
        # A lease that ends later than that was taken before the clock jumped back.
        return timedelta(0) < self.held_until - now <= LONGEST_HOLD

    def begin(self, holder: str, now: datetime, until: datetime) -> "ScheduleState | None":
        """Return the state after *holder* took or renewed the lease; `None` if another holds it."""
        if self.is_held(now):
            return attrs.evolve(self, held_until=until) if holder == self.holder else None
        return ScheduleState(last_run=now, holder=holder, held_until=until)

    def end(self, holder: str, result: str) -> "ScheduleState":
        """Return the state after *holder* released the lease; unchanged for another holder."""
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
    """Return the time of the next scan.

    With times of day: the first one after the last run, or after *now* without a last run.
    Otherwise: the last run plus the interval. Missed scans are due once, now. If the clock jumped
    back by more than one interval (one day with times), the last run is ignored and a scan is
    due now.

    Args:
        last_run: Start of the last scan; in the future if the clock jumped back.
        now: Current time.
        interval: Time between scans.
        times: Times of day in *zone*.
        zone: Time zone of *times*; `None` means that of the system.
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
        # Combined from date and time so that the time of day stays the same when clocks
        # change; a time that the change skips becomes the next valid one.
        day = (local + timedelta(days=days)).date()
        at = datetime.combine(day, moment, zone).astimezone(UTC)
        if at > after:
            return at
    return after + _DAY
