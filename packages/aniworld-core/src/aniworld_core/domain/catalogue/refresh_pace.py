"""How often the listing of a series is read again."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

#: Time between two listings of a series of which nothing is expected.
REST: Final = timedelta(hours=24)
#: Time after the last broadcast in which dubs and late episodes are still expected.
_AFTERWARDS: Final = timedelta(days=60)
#: Time before a broadcast from which on the listing is read at every scan again.
_BEFORE: Final = timedelta(days=2)


def is_resting(air_dates: Collection[datetime], checked_at: datetime | None, now: datetime) -> bool:
    """Return whether a scheduled scan need not read the listing of a series.

    That is the case if its air dates are known, none of them is near, and the listing was read
    less than a day ago. A series without air dates never rests.

    Args:
        air_dates: Known air dates of its episodes.
        checked_at: When the listing was last read by this process; `None` if it was not.
        now: The current time.
    """
    if checked_at is None or not air_dates or not timedelta(0) <= now - checked_at < REST:
        return False
    return not any(now - _AFTERWARDS <= at <= now + _BEFORE for at in air_dates)
