"""How many wrong passwords are allowed, and how long the next one waits."""

import math
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import attrs

from aniworld_core.errors import RateLimitedError

#: Time for which a guess counts.
GUESS_WINDOW: Final = timedelta(seconds=60)
#: Time added to the delay with each guess, once half of the budget is used.
_STEP: Final = timedelta(seconds=0.5)


@attrs.frozen(kw_only=True)
class Guess:
    """A guess that is counted.

    Attributes:
        id: Its number.
        group: The callers whose guesses are counted together.
        delay: Time to wait before it is checked.
    """

    id: int
    group: str
    delay: timedelta


def next_guess(
    taken: Collection[datetime], *, at: datetime, budget: int
) -> tuple[datetime, timedelta]:
    """Return when the next guess is checked, and how long it waits until then.

    Once half of the budget is used, each guess waits longer than the one before. A guess counts
    from the moment it is checked. One that lies further ahead than that was made before the clock
    was set back, and does not count.

    Args:
        taken: The times from which guesses count.
        at: The present time.
        budget: Guesses allowed within `GUESS_WINDOW`.

    Raises:
        RateLimitedError: If the budget is used up; contains the time until the next try.
    """
    counted = [each for each in taken if abs(at - each) < GUESS_WINDOW]
    if len(counted) >= budget:
        wait = (min(counted) + GUESS_WINDOW - at).total_seconds()
        raise RateLimitedError(timedelta(seconds=math.ceil(max(wait, 1))))
    delay = _STEP * max(0, len(counted) + 1 - math.ceil(budget / 2))
    return max([at + delay, *counted]), delay
