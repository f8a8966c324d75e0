"""Time of the next scan."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.automation import ScheduleState, next_run

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = st.integers(0, 10 * 365 * 86_400).map(lambda s: NOW + timedelta(seconds=s))


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (None, NOW),
        (NOW, NOW + HOUR),
        (NOW - timedelta(minutes=20), NOW + timedelta(minutes=40)),
        (NOW - timedelta(days=3), NOW),
        (NOW + timedelta(minutes=10), NOW + timedelta(minutes=70)),
        (NOW + timedelta(days=3650), NOW),
    ],
)
def test_by_interval(last: datetime | None, due: datetime) -> None:
    """The next run is one interval after the last; missed runs are due once."""
    assert next_run(last, NOW, interval=HOUR) == due


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (None, datetime(2026, 3, 1, 15, tzinfo=UTC)),
        (NOW, datetime(2026, 3, 1, 15, tzinfo=UTC)),
        (datetime(2026, 3, 1, 3, tzinfo=UTC), datetime(2026, 3, 1, 15, tzinfo=UTC)),
        (datetime(2026, 3, 1, 2, 59, tzinfo=UTC), NOW),
        (datetime(2026, 2, 1, tzinfo=UTC), NOW),
        (datetime(2026, 3, 1, 16, tzinfo=UTC), datetime(2026, 3, 2, 3, tzinfo=UTC)),
        (datetime(2036, 3, 1, 16, tzinfo=UTC), NOW),
    ],
)
def test_by_times_of_day(last: datetime | None, due: datetime) -> None:
    """The next run is the first time of day after the last run; a missed one is due now."""
    times = [time(15), time(3)]
    assert next_run(last, NOW, interval=HOUR, times=times, zone=UTC) == due


def test_times_follow_the_clock_on_the_wall() -> None:
    """Times of day are local times in winter and summer."""
    winter = next_run(
        None, datetime(2026, 3, 27, 12, tzinfo=UTC), interval=HOUR, times=[time(3, 30)], zone=BERLIN
    )
    summer = next_run(
        None, datetime(2026, 3, 30, 12, tzinfo=UTC), interval=HOUR, times=[time(3, 30)], zone=BERLIN
    )
    assert winter == datetime(2026, 3, 28, 2, 30, tzinfo=UTC)
    assert summer == datetime(2026, 3, 31, 1, 30, tzinfo=UTC)


@given(
    st.none() | MOMENTS,
    MOMENTS,
    st.lists(st.times(), max_size=3),
    st.sampled_from([UTC, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")]),
)
def test_it_is_never_due_in_the_past_nor_far_away(
    last: datetime | None, now: datetime, times: list[time], zone: ZoneInfo
) -> None:
    """The next run is never in the past and at most two days ahead."""
    due = next_run(last, now, interval=HOUR, times=times, zone=zone)
    assert now <= due <= now + timedelta(days=2)


@given(MOMENTS, st.lists(st.times(), max_size=3))
def test_after_a_run_it_is_not_due_at_once(now: datetime, times: list[time]) -> None:
    """Directly after a start no run is due."""
    assert next_run(now, now, interval=HOUR, times=times, zone=BERLIN) > now


@pytest.mark.parametrize(
    ("now", "due"),
    [
        # On 29 March 02:30 does not exist; on 25 October it exists twice.
        (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
    ],
)
def test_once_a_day_also_when_clocks_change(now: datetime, due: datetime) -> None:
    """A skipped time runs later, and a repeated time runs once."""
    assert next_run(now, now, interval=HOUR, times=[time(2, 30)], zone=BERLIN) == due


@given(st.integers(-3650, 3650), st.booleans())
def test_after_a_jump_of_the_clock_it_runs_once(days: int, has_times: bool) -> None:
    """After any clock jump at most one run is due at once."""
    now = NOW + timedelta(days=days)
    times = [time(3)] if has_times else []
    first = next_run(NOW, now, interval=HOUR, times=times, zone=UTC)
    if first <= now:
        assert next_run(now, now, interval=HOUR, times=times, zone=UTC) > now
    assert first - now <= timedelta(days=1, hours=1)


def test_who_holds_the_scan() -> None:
    """The lease belongs to its holder until it expires."""
    state = ScheduleState(holder="w", held_until=NOW)
    assert state.is_held(NOW - HOUR)
    assert not state.is_held(NOW)
    assert not attrs.evolve(state, held_until=None).is_held(NOW)
    assert not attrs.evolve(state, holder="").is_held(NOW - HOUR)
    assert not state.is_held(NOW - timedelta(days=400))


def test_one_at_a_time_begins() -> None:
    """While the lease is valid only its holder can renew it; then it is free."""
    begun = ScheduleState(last_result="old").begin("a", NOW, NOW + HOUR)
    assert begun == ScheduleState(last_run=NOW, holder="a", held_until=NOW + HOUR)
    later = NOW + HOUR / 2
    assert begun.begin("b", later, later + HOUR) is None
    assert begun.begin("a", later, later + HOUR) == attrs.evolve(begun, held_until=later + HOUR)
    taken = begun.begin("b", NOW + HOUR, NOW + 2 * HOUR)
    assert taken is not None
    assert (taken.holder, taken.last_run) == ("b", NOW + HOUR)


def test_only_the_holder_ends() -> None:
    """Only the holder can end the lease."""
    state = ScheduleState(last_run=NOW, holder="a", held_until=NOW + HOUR)
    assert state.end("b", "mine") == state
    assert state.end("a", "fine") == ScheduleState(last_run=NOW, last_result="fine")


@pytest.mark.parametrize(
    "name",
    [
        *("Europe/Berlin", "America/New_York", "America/Havana", "America/Santiago"),
        *("Australia/Lord_Howe", "Asia/Beirut", "Africa/Casablanca", "UTC"),
    ],
)
@pytest.mark.parametrize("moment", [time(0), time(0, 30), time(2, 30), time(3), time(23, 30)])
def test_a_time_of_day_comes_once_on_every_day(name: str, moment: time) -> None:
    """Each time of day runs once per day for two years, including clock changes."""
    zone = ZoneInfo(name)
    at = datetime(2025, 12, 31, 12, tzinfo=UTC)
    days = []
    for _ in range(730):
        at = next_run(at, at, interval=HOUR, times=[moment], zone=zone)
        local = at.astimezone(zone)
        days.append(local.date())
        # A time skipped by a clock change runs up to one hour later.
        late = datetime.combine(local.date(), local.time()) - datetime.combine(local.date(), moment)
        assert timedelta() <= late <= timedelta(hours=1)
        assert local.fold == 0
        at += timedelta(seconds=20)  # The check that notices it.
    assert days == [days[0] + timedelta(days=n) for n in range(730)]
