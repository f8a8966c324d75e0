"""The recent guesses of passwords, counted for all processes together."""

from abc import ABC, abstractmethod
from datetime import datetime

from aniworld_core.domain.access import Guess


class GuessCounter(ABC):
    """Counts guesses of passwords by group, so that a group can make only so many in a minute."""

    @abstractmethod
    async def reserve(self, group: str, *, at: datetime, budget: int) -> Guess:
        """Count a guess before it is checked, so that concurrent ones cannot exceed the budget.

        The guess counts for `GUESS_WINDOW` from the moment it is checked, as `next_guess` says,
        unless it is forgotten.

        Args:
            group: The callers whose guesses are counted together.
            at: The present time.
            budget: Guesses of the group that may count at the same time.

        Raises:
            RateLimitedError: If the budget is used up; contains the time until the next try.
            StorageUnavailableError: If the guesses cannot be counted.
        """

    @abstractmethod
    async def forget(self, guess: Guess) -> None:
        """Count a guess no longer, because it was right or not checked; idempotent.

        Raises:
            StorageUnavailableError: If it cannot be forgotten.
        """
