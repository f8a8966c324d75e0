"""Waits between attempts: the policy's delays, and waits that servers ask for."""

from datetime import timedelta

import pytest

from aniworld_core.errors import FetchInterruptedError
from aniworld_providers.network.backoff import Backoff
from aniworld_providers.transfer.retry_policy import NO_RETRIES, TRANSFER_RETRIES
from support.adapter_context import JumpingClock

pytestmark = pytest.mark.anyio

BROKEN = FetchInterruptedError("the connection was reset")


def busy(seconds: float) -> FetchInterruptedError:
    """Return the error of a server that asks for a wait."""
    return FetchInterruptedError("busy", retry_after=timedelta(seconds=seconds))


async def waits(backoff: Backoff, error: FetchInterruptedError, clock: JumpingClock) -> list[float]:
    """Fail with *error* until the backoff raises it; return the waits in seconds."""

    async def fail_again() -> None:
        for _ in range(100):
            await backoff.wait_after(error)

    with pytest.raises(FetchInterruptedError) as raised:
        await fail_again()
    assert raised.value is error
    return clock.slept


async def test_delays_double_until_the_limit() -> None:
    """A transfer retries a request four times, after 0.5, 1, 2 and 4 seconds ± 20 %."""
    clock = JumpingClock()
    found = await waits(Backoff(clock, TRANSFER_RETRIES), BROKEN, clock)
    assert len(found) == 4
    for delay, plain in zip(found, (0.5, 1.0, 2.0, 4.0), strict=True):
        assert 0.8 * plain <= delay <= 1.2 * plain


async def test_progress_starts_the_counts_again() -> None:
    """After progress the first retry comes after 0.1 seconds, and the limit applies anew."""
    clock = JumpingClock()
    backoff = Backoff(clock, TRANSFER_RETRIES)
    for _ in range(4):
        await backoff.wait_after(BROKEN)
    assert backoff.retries == 4
    backoff.progressed()
    assert backoff.retries == 0
    clock.slept.clear()
    found = await waits(backoff, BROKEN, clock)
    assert len(found) == 4
    assert 0.08 <= found[0] <= 0.12


async def test_a_requested_wait_is_kept_and_lengthened_a_little() -> None:
    """A server that asks for 9 seconds gets 9 to 10.8, so that clients do not return at once."""
    clock = JumpingClock()
    await Backoff(clock, TRANSFER_RETRIES).wait_after(busy(9))
    assert 9 <= clock.slept[0] <= 10.8


async def test_a_long_requested_wait_is_left_to_the_caller() -> None:
    """More than 10 seconds raise the error, and the queue retries the item later."""
    clock = JumpingClock()
    assert await waits(Backoff(clock, TRANSFER_RETRIES), busy(10.1), clock) == []


async def test_requested_waits_end_after_a_minute() -> None:
    """Six waits of 10 seconds are kept without progress, a seventh is not."""
    clock = JumpingClock()
    assert len(await waits(Backoff(clock, TRANSFER_RETRIES), busy(10), clock)) == 6


async def test_a_requested_wait_of_nothing_still_waits() -> None:
    """`Retry-After: 0` causes neither immediate nor endless retries."""
    clock = JumpingClock()
    found = await waits(Backoff(clock, TRANSFER_RETRIES), busy(0), clock)
    assert len(found) == 19
    assert min(found) >= 0.1


async def test_without_retries_only_requested_waits_are_kept() -> None:
    """A request with another address to try fails at once, unless the server asks for a wait."""
    clock = JumpingClock()
    assert await waits(Backoff(clock, NO_RETRIES), BROKEN, clock) == []
    await Backoff(clock, NO_RETRIES).wait_after(busy(1))
    assert len(clock.slept) == 1


async def test_a_final_error_is_raised_at_once() -> None:
    """The transfer's own time limit is not extended by retries."""
    clock = JumpingClock()
    final = FetchInterruptedError("no progress for 80 s", gave_up=True)
    assert await waits(Backoff(clock, TRANSFER_RETRIES), final, clock) == []
