"""The time of the server between two answers."""

from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest

from aniworld_core.testing import at
from aniworld_core.testing.fakes import FakeClock
from aniworld_postgres._clock import ServerClock, ServerTime


@attrs.define
class Seconds:
    """A clock that the test advances."""

    value: float = 1000.0

    def __call__(self) -> float:
        """Return the present value."""
        return self.value


@pytest.fixture
def seconds() -> Seconds:
    """Return the monotonic clock of the machine."""
    return Seconds()


@pytest.fixture
def time(seconds: Seconds) -> ServerTime:
    """Return the time of a server that has just named `at(0)`."""
    time = ServerTime(seconds)
    time.heard(at(0))
    return time


def test_it_goes_on_between_answers(time: ServerTime, seconds: Seconds) -> None:
    """Seconds of the machine are added to the last answer."""
    seconds.value += 7

    assert time.now() == at(7)


def test_a_slow_answer_does_not_set_it_back(time: ServerTime, seconds: Seconds) -> None:
    """An answer that took half a second shows nothing new; time does not run back."""
    seconds.value += 10.5
    time.heard(at(10))

    assert time.now() == at(10.5)


@pytest.mark.parametrize("said", [at(11), at(3600), at(-3600)])
def test_a_new_time_of_the_server_counts(
    time: ServerTime, seconds: Seconds, said: datetime
) -> None:
    """The clock of the server may be set, and a quicker answer is nearer to it."""
    seconds.value += 10
    time.heard(said)

    assert time.now() == said


def test_times_are_utc(time: ServerTime) -> None:
    """The session may have another time zone."""
    time.heard(datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2))))

    assert time.now().isoformat() == "2026-01-01T10:00:00+00:00"
    assert time.now().tzinfo is UTC


@pytest.mark.anyio
async def test_the_machine_sleeps(time: ServerTime) -> None:
    """A sleep is that of the machine; its time of day has no effect."""
    local = FakeClock(at(500))
    clock = ServerClock(time, local)
    await clock.sleep(timedelta(seconds=3))

    assert clock.now() == at(0)
    assert local.slept == [timedelta(seconds=3)]


def test_no_time_is_guessed() -> None:
    """Before the first answer there is no time."""
    with pytest.raises(RuntimeError, match="has not named its time"):
        ServerTime().now()
