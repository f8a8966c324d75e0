"""Contract of clocks."""

import pytest

from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.ports.clock import Clock
from aniworld_core.testing.contracts.clock import ClockContract
from aniworld_core.testing.fakes import FakeClock


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self) -> Clock:
        """Return the clock of the machine."""
        return SystemClock()


class TestFakeClock(ClockContract):
    @pytest.fixture
    def clock(self) -> Clock:
        """Return a clock that tests set."""
        return FakeClock()
