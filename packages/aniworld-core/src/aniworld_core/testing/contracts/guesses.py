"""Contract suite of `GuessCounter`."""

from datetime import timedelta
from typing import ClassVar

import anyio
import pytest

from aniworld_core.errors import RateLimitedError
from aniworld_core.ports.guesses import GuessCounter
from aniworld_core.testing.factories import at


class GuessCounterContract:
    """Subclass it and provide the fixtures `counter` and `observer`: two handles on one store."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_a_budget_is_shared(self, counter: GuessCounter, observer: GuessCounter) -> None:
        """Guesses at one handle count at the other, and those of another group do not."""
        for each in (counter, observer, counter, observer):
            await each.reserve("a", at=at(0), budget=4)

        for each in (counter, observer):
            with pytest.raises(RateLimitedError) as refused:
                await each.reserve("a", at=at(0), budget=4)
            assert refused.value.retry_after == timedelta(seconds=60)
        assert (await observer.reserve("b", at=at(0), budget=4)).group == "b"

    async def test_late_guesses_wait(self, counter: GuessCounter, observer: GuessCounter) -> None:
        """After half of the budget each guess waits half a second longer."""
        handles = (counter, observer) * 3
        delays = [(await each.reserve("a", at=at(0), budget=6)).delay for each in handles]

        assert [delay.total_seconds() for delay in delays] == [0, 0, 0, 0.5, 1, 1.5]

    async def test_a_forgotten_guess_does_not_count(
        self, counter: GuessCounter, observer: GuessCounter
    ) -> None:
        """Any handle forgets a guess; twice is as good as once, and no other one is forgotten."""
        first = await counter.reserve("a", at=at(0), budget=2)
        await counter.reserve("a", at=at(0), budget=2)
        await observer.forget(first)
        await counter.forget(first)

        await observer.reserve("a", at=at(0), budget=2)
        with pytest.raises(RateLimitedError):
            await counter.reserve("a", at=at(0), budget=2)

    async def test_guesses_count_for_a_minute(
        self, counter: GuessCounter, observer: GuessCounter
    ) -> None:
        """A guess counts for 60 seconds from its check, and no longer."""
        await counter.reserve("a", at=at(0), budget=1)
        with pytest.raises(RateLimitedError) as refused:
            await observer.reserve("a", at=at(30), budget=1)

        assert refused.value.retry_after == timedelta(seconds=30)
        assert not (await observer.reserve("a", at=at(60), budget=1)).delay

    async def test_a_clock_that_was_set_back_locks_nobody_out(
        self, counter: GuessCounter, observer: GuessCounter
    ) -> None:
        """Guesses that lie in the future do not count."""
        await counter.reserve("a", at=at(3600), budget=1)

        assert not (await observer.reserve("a", at=at(0), budget=1)).delay

    async def test_concurrent_guesses_do_not_exceed_the_budget(
        self, counter: GuessCounter, observer: GuessCounter
    ) -> None:
        """Of guesses at the same time, as many as allowed are counted."""
        refused: list[RateLimitedError] = []

        async def guess(each: GuessCounter) -> None:
            try:
                await each.reserve("a", at=at(0), budget=5)
            except RateLimitedError as error:
                refused.append(error)

        async with anyio.create_task_group() as tasks:
            for each in (counter, observer) * 6:
                tasks.start_soon(guess, each)

        assert len(refused) == 7
