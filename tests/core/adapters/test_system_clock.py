"""The system clock returns aware times."""

from datetime import UTC, timedelta

import anyio
import pytest

from aniworld_core.adapters.system_clock import SystemClock
from aniworld_core.testing.waiting import PATIENCE

pytestmark = pytest.mark.anyio


async def test_time_is_utc_and_does_not_stand_still() -> None:
    """Times are in UTC and do not go back."""
    clock = SystemClock()
    before = clock.now()
    with anyio.fail_after(PATIENCE):
        await clock.sleep(timedelta(microseconds=1))
        await clock.sleep(timedelta(seconds=-5))
    assert before.tzinfo is UTC
    assert clock.now() >= before
