"""Contract of counters of guesses."""

import pytest

from aniworld_core.adapters.memory_guess_counter import MemoryGuessCounter
from aniworld_core.ports.guesses import GuessCounter
from aniworld_core.testing.contracts.guesses import GuessCounterContract


class TestMemoryGuessCounter(GuessCounterContract):
    @pytest.fixture
    def counter(self) -> GuessCounter:
        """Return an empty counter."""
        return MemoryGuessCounter()

    @pytest.fixture
    def observer(self, counter: GuessCounter) -> GuessCounter:
        """Return the same counter: memory has one handle."""
        return counter
