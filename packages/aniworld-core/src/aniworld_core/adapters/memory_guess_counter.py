"""The recent guesses of passwords at one process."""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

import attrs

from aniworld_core.domain.access import GUESS_WINDOW, Guess, next_guess
from aniworld_core.ports.guesses import GuessCounter


@attrs.define(eq=False)
class MemoryGuessCounter(GuessCounter):
    """Counts in memory."""

    _taken: dict[str, dict[int, datetime]] = attrs.field(
        factory=lambda: defaultdict(dict), init=False
    )
    _numbers: Iterator[int] = attrs.field(factory=itertools.count, init=False)

    async def reserve(self, group: str, *, at: datetime, budget: int) -> Guess:
        taken = self._taken[group]
        for old in [n for n, time in taken.items() if abs(at - time) >= GUESS_WINDOW]:
            del taken[old]
        counts_from, delay = next_guess(taken.values(), at=at, budget=budget)
        guess = Guess(id=next(self._numbers), group=group, delay=delay)
        taken[guess.id] = counts_from
        return guess

    async def forget(self, guess: Guess) -> None:
        self._taken[guess.group].pop(guess.id, None)
