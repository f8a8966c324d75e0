"""Retry policy and retry state: delays, limits of retries and time, requested waits."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.retry_policy import RequestedWaits, RetryPolicy, RetryState

SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)


def delays(
    policy: RetryPolicy, *, requested: timedelta | None = None, most: int = 50
) -> list[float]:
    """Return the delays in seconds until the policy allows no further attempt."""
    found: list[float] = []
    state: RetryState | None = policy.start()
    while len(found) < most:
        assert state is not None
        state = state.failed(requested=requested)
        if state is None:
            break
        found.append(state.delay.total_seconds())
    return found


@given(st.integers(-5, 2000), st.floats(-1, 2), st.floats(0, 1))
def test_delays_grow_up_to_the_ceiling(count: int, draw: float, jitter: float) -> None:
    """A delay is the doubled base, varied by at most the jitter, and never above the ceiling."""
    policy = RetryPolicy(base=2 * SECOND, ceiling=timedelta(hours=1), jitter=jitter)
    delay = policy.delay(count, draw=draw)
    assert 2 * SECOND * (1 - jitter) <= delay <= policy.ceiling
    assert policy.delay(count) <= policy.delay(count + 1)


def test_the_delay_doubles_with_each_retry() -> None:
    """Base, twice the base, four times, then the ceiling; as many as the limit."""
    policy = RetryPolicy(limit=5, base=SECOND, ceiling=6 * SECOND, jitter=0.0)
    assert delays(policy) == [1, 2, 4, 6, 6]


def test_the_jitter_varies_a_delay_both_ways() -> None:
    """Draws of 0, 0.5 and 1 give the shortest, the plain and the longest delay."""
    policy = RetryPolicy(base=10 * SECOND, jitter=0.3)
    assert [policy.delay(0, draw=d).total_seconds() for d in (0.0, 0.5, 1.0)] == [7, 10, 13]


def test_no_limit_retries_forever() -> None:
    """Without a limit the action is retried as long as it fails."""
    assert len(delays(RetryPolicy(limit=None, jitter=0.0))) == 50


@pytest.mark.parametrize(
    ("elapsed", "is_retried"),
    [(29 * SECOND, True), (30 * SECOND, True), (30 * SECOND + TICK, False)],
)
@pytest.mark.parametrize("requested", [None, SECOND])
def test_no_retry_starts_after_the_total_time(
    elapsed: timedelta, requested: timedelta | None, *, is_retried: bool
) -> None:
    """At exactly the total time a retry still starts; later none does."""
    state = RetryPolicy(total=30 * SECOND).start()
    assert (state.failed(elapsed=elapsed, requested=requested) is not None) is is_retried


def test_progress_starts_the_counts_again() -> None:
    """After progress the first delay is the short one; the next are as from the start."""
    policy = RetryPolicy(limit=2, base=4 * SECOND, after_progress=SECOND, jitter=0.0)
    state: RetryState | None = policy.start()
    for _ in range(policy.limit or 0):
        assert state is not None
        state = state.failed()
    assert state is not None
    assert state.failed() is None
    state = state.progressed().failed()
    assert state is not None
    assert state.delay == SECOND
    state = state.failed()
    assert state is not None
    assert state.delay == 8 * SECOND
    assert state.failed() is None


def test_a_requested_wait_is_a_retry_by_default() -> None:
    """It is kept exactly and counts against the limit of retries."""
    assert delays(RetryPolicy(limit=3), requested=7 * SECOND) == [7, 7, 7]


def test_requested_waits_with_a_limit_of_their_own_are_no_retries() -> None:
    """After the last of them, retries with growing delays are still allowed."""
    policy = RetryPolicy(limit=1, base=SECOND, jitter=0.0, requested=RequestedWaits(limit=2))
    assert delays(policy, requested=7 * SECOND) == [7, 7]
    state = policy.start().failed(requested=7 * SECOND)
    assert state is not None
    state = state.failed()
    assert state is not None
    assert state.delay == SECOND


@pytest.mark.parametrize(
    ("limits", "waits"),
    [
        (RequestedWaits(longest=7 * SECOND), 3),
        (RequestedWaits(longest=7 * SECOND - TICK), 0),
        (RequestedWaits(total=14 * SECOND), 2),
        (RequestedWaits(total=14 * SECOND - TICK), 1),
    ],
)
def test_long_requested_waits_end_the_retries(limits: RequestedWaits, waits: int) -> None:
    """A wait of exactly the limit is waited out; a longer one, or a longer sum, is not."""
    assert len(delays(RetryPolicy(limit=3, requested=limits), requested=7 * SECOND)) == waits


def test_progress_clears_the_sum_of_requested_waits() -> None:
    """Limits of requested waits hold between two steps of progress."""
    policy = RetryPolicy(requested=RequestedWaits(total=7 * SECOND, limit=1))
    state = policy.start().failed(requested=7 * SECOND)
    assert state is not None
    assert state.failed(requested=SECOND) is None
    assert state.progressed().failed(requested=7 * SECOND) is not None


@given(st.floats(-1, 2))
def test_a_requested_wait_is_never_shortened(draw: float) -> None:
    """The spread only lengthens it, so that nobody returns too early."""
    policy = RetryPolicy(requested=RequestedWaits(spread=0.2))
    state = policy.start().failed(requested=10 * SECOND, draw=draw)
    assert state is not None
    assert 10 * SECOND <= state.delay <= 12 * SECOND


def test_a_negative_requested_wait_is_no_wait() -> None:
    """A date in the past means at once."""
    state = RetryPolicy().start().failed(requested=-SECOND)
    assert state is not None
    assert state.delay == timedelta()


def test_delays_are_at_most_an_hour_unless_the_policy_says_otherwise() -> None:
    """Neither many retries nor the largest jitter lead beyond the ceiling."""
    policy = RetryPolicy(limit=None)

    assert {policy.delay(count, draw=1.0) for count in (10, 100)} == {timedelta(hours=1)}
