"""How many connections a direct transfer uses, at the boundaries of each rule."""

import pytest

from aniworld_providers.transfer.direct.connection_count import ConnectionCount

MB = 1_000_000
#: More bytes than any of these transfers brings in the time that matters.
MANY = 10**12


def observed(
    *steps: tuple[float, int], limit: int = 8, left: int = MANY, disk_wait: float = 0.0
) -> list[int]:
    """Return the counts after (seconds, received bytes); the disk wait grows to *disk_wait*."""
    chosen = ConnectionCount(limit)
    last = len(steps) - 1
    return [
        chosen.observe(now, received, left, disk_wait if number == last else 0.0)
        for number, (now, received) in enumerate(steps)
    ]


def test_the_first_observation_starts_the_measurement() -> None:
    """Bytes received before it are not counted as speed."""
    assert observed((5.0, 500 * MB), (5.04, 500 * MB + 1000)) == [1, 8]


@pytest.mark.parametrize(("seconds", "count"), [(0.039, 1), (0.04, 8), (0.05, 8)])
def test_one_connection_is_measured_before_others_join(seconds: float, count: int) -> None:
    """After 0.04 seconds at the earliest."""
    assert observed((0.0, 0), (seconds, 1000))[-1] == count


@pytest.mark.parametrize(("rate", "count"), [(159 * MB, 8), (160 * MB, 1), (161 * MB, 1)])
def test_a_fast_connection_stays_alone(rate: int, count: int) -> None:
    """From 160 MB/s on, no server limit holds it back."""
    assert observed((0.0, 0), (1.0, rate))[-1] == count


@pytest.mark.parametrize(("left", "count"), [(299_999, 1), (300_000, 1), (300_001, 8)])
def test_a_transfer_that_ends_soon_gets_no_further_connection(left: int, count: int) -> None:
    """At 1 MB/s and at most 0.3 seconds to go, opening another is not worth it."""
    assert observed((0.0, 0), (1.0, MB), left=left)[-1] == count


@pytest.mark.parametrize(("disk_wait", "count"), [(0.29, 8), (0.3, 8), (0.31, 1)])
def test_a_slow_disk_gets_no_further_connection(disk_wait: float, count: int) -> None:
    """More than 30 % of the time spent waiting for the disk: more connections do not help."""
    assert observed((0.0, 0), (1.0, MB), disk_wait=disk_wait)[-1] == count


@pytest.mark.parametrize(
    ("seconds", "received", "count"),
    [
        (1.99, 0, 8),
        (2.0, 2_499_999, 2),
        (2.0, 2_500_000, 8),
        (2.0, 10_000_000, 8),
    ],
)
def test_several_connections_have_to_bring_a_quarter_more(
    seconds: float, received: int, count: int
) -> None:
    """After a trial of 2 seconds, less than 1.25 times the speed of one leaves two of them."""
    steps = ((0.0, 0), (1.0, MB), (1.0 + seconds, MB + received))
    assert observed(*steps)[-1] == count


def test_the_decision_is_final() -> None:
    """A later drop of the speed changes nothing."""
    steps = ((0.0, 0), (1.0, MB), (3.0, 11 * MB), (9.0, 11 * MB), (20.0, 11 * MB))
    assert observed(*steps) == [1, 8, 8, 8, 8]


def test_the_disk_wait_of_earlier_samples_does_not_count() -> None:
    """Only the wait since the last sample decides."""
    chosen = ConnectionCount(4)
    chosen.observe(0.0, 0, MANY, 0.0)
    assert chosen.observe(1.0, MB, MANY, 0.9) == 1
    assert chosen.observe(2.0, 2 * MB, MANY, 1.0) == 4


def test_a_chosenthat_falls_starts_the_measurement_again() -> None:
    """Fewer received bytes than before belong to another transfer."""
    assert observed((0.0, 0), (1.0, 500 * MB), (2.0, 0), (3.0, MB)) == [1, 1, 1, 8]


@pytest.mark.parametrize(("limit", "count"), [(0, 1), (1, 1), (2, 2)])
def test_the_limit_of_the_request_holds(limit: int, count: int) -> None:
    """At least one connection, and never more than allowed."""
    assert observed((0.0, 0), (1.0, MB), limit=limit)[-1] == count


@pytest.mark.parametrize(("lowered", "count"), [(9, 8), (3, 3), (1, 1), (0, 1)])
def test_a_server_that_refuses_connections_lowers_the_limit(lowered: int, count: int) -> None:
    """The running count falls at once and does not rise above the limit again."""
    chosen = ConnectionCount(8)
    chosen.observe(0.0, 0, MANY)
    chosen.observe(1.0, MB, MANY)
    chosen.lower(lowered)
    assert chosen.wanted == count
    chosen.lower(8)
    assert chosen.observe(3.0, 100 * MB, MANY) == count


def test_a_poor_trial_keeps_no_more_than_the_limit() -> None:
    """Two connections remain, or one where the server accepts no more."""
    chosen = ConnectionCount(8)
    chosen.observe(0.0, 0, MANY)
    chosen.observe(1.0, MB, MANY)
    chosen.lower(1)
    assert chosen.observe(9.0, MB, MANY) == 1
