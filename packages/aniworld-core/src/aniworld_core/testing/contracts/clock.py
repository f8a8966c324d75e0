"""Contract suite of `Clock`."""

from datetime import timedelta
from typing import ClassVar

import anyio
import pytest

from aniworld_core.ports.clock import Clock
from aniworld_core.testing.waiting import PATIENCE


class ClockContract:
    """Subclass it and provide a fixture `clock`."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    def test_times_are_aware_and_utc(self, clock: Clock) -> None:
        """The time has the offset zero."""
        assert clock.now().utcoffset() == timedelta(0)

    async def test_time_does_not_run_back(self, clock: Clock) -> None:
        """A later time is not earlier, and a sleep takes at least its delay."""
        first = clock.now()
        await clock.sleep(timedelta(milliseconds=20))

        # System clocks are corrected in small steps.
        assert clock.now() - first >= timedelta(milliseconds=15)

    @pytest.mark.parametrize("delay", [0, -1, -(10**6)])
    async def test_no_delay_only_yields(self, clock: Clock, delay: int) -> None:
        """Zero and negative delays let other tasks run, and do not wait."""
        ran: list[str] = []

        async def other() -> None:
            ran.append("other")

        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(other)
                await clock.sleep(timedelta(seconds=delay))
                ran.append("sleeper")

        assert ran == ["other", "sleeper"]

    async def test_a_sleep_can_be_cancelled(self, clock: Clock) -> None:
        """A cancelled sleep ends at once."""
        with anyio.fail_after(PATIENCE), anyio.CancelScope() as scope:
            scope.cancel()
            await clock.sleep(timedelta(days=1))

        assert scope.cancelled_caught
