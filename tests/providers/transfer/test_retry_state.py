"""How long segments and playlists are waited for."""

from datetime import timedelta

import pytest

from aniworld_core.errors import FetchInterruptedError
from aniworld_providers.transfer.retry_state import Patient
from support.adapter_context import JumpingClock

pytestmark = pytest.mark.anyio


async def test_a_short_wait_that_is_asked_for_is_kept() -> None:
    """Up to ten seconds, and a little more so that not all come back at once."""
    clock = JumpingClock()

    await Patient(clock).wait_after(FetchInterruptedError("busy", retry_after=timedelta(seconds=9)))

    assert 9 <= clock.slept[0] <= 11


async def test_a_long_wait_is_left_to_whoever_asked() -> None:
    """The queue comes back later, and a command says when."""
    clock = JumpingClock()
    error = FetchInterruptedError("busy", retry_after=timedelta(seconds=11))

    with pytest.raises(FetchInterruptedError) as raised:
        await Patient(clock).wait_after(error)

    assert raised.value is error
    assert clock.slept == []
