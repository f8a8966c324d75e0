"""Queue conditions: the edges of the allowed hours and of the free space."""

from datetime import UTC, datetime, timedelta

import pytest

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.downloads import QueueConditions, next_opening
from aniworld_core.domain.configuration import Config, DownloadsConfig, parse_hours
from aniworld_core.errors import DiskFullError, LibraryUnavailableError, NotBeforeError
from aniworld_core.testing.fakes import FakeClock, FakeLibrary

MICROSECOND = timedelta(microseconds=1)


def local(text: str) -> datetime:
    """Return a moment of one day in the time zone of this machine."""
    return datetime.fromisoformat(f"2026-06-15T{text}").astimezone()


def conditions(
    now: datetime, *, hours: tuple[str, ...] = (), free: int = 0, reserve: int = 0
) -> QueueConditions:
    """Return the conditions at a moment."""
    library = FakeLibrary()
    library.free = free
    config = Config(downloads=DownloadsConfig(hours=hours, reserve_bytes=reserve))
    return QueueConditions(config=CurrentConfig(config), library=library, clock=FakeClock(time=now))


@pytest.mark.anyio
@pytest.mark.parametrize("hours", [("22:00-06:00",), ("22:00-00:00", "00:00-06:00")])
@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("21:59:59.999999", False),
        ("22:00:00", True),
        ("22:00:00.000001", True),
        ("23:59:59.999999", True),
        ("00:00:00", True),
        ("05:59:59.999999", True),
        ("06:00:00", False),
        ("06:00:00.000001", False),
    ],
)
async def test_the_first_instant_of_a_span_is_inside_and_the_last_outside(
    hours: tuple[str, ...], now: str, *, is_open: bool
) -> None:
    """The queue works from exactly the start until just before the end, also past midnight."""
    obstacle = await conditions(local(now), hours=hours).obstacle()
    assert (obstacle is None) is is_open
    if obstacle is not None:
        assert isinstance(obstacle, NotBeforeError)
        opening = local("22:00")
        assert obstacle.until == opening


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("21:59:59.999999", "22:00"),
        ("21:59:00", "22:00"),
        ("21:58:59.999999", "22:00"),
        ("06:00:00", "22:00"),
        ("22:01:00", "22:02"),
    ],
)
def test_the_next_opening_is_a_full_minute_after_now(now: str, opening: str) -> None:
    """The minute that has begun does not count; the next one inside a span does."""
    assert next_opening([parse_hours("22:00-06:00")], local(now)) == local(opening)


def test_the_search_for_an_opening_covers_a_whole_day() -> None:
    """A span of one minute is found although it began and ended just now."""
    span = parse_hours("12:00-12:01")
    assert next_opening([span], local("12:00:30")) == local("12:00") + timedelta(days=1)
    assert next_opening([span], local("12:01:00")) == local("12:00") + timedelta(days=1)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("free", "reserve", "missing"),
    [(1000, 1000, None), (1001, 1000, None), (999, 1000, 1), (0, 1000, 1000), (0, 0, None)],
)
async def test_exactly_the_reserve_is_enough_space(
    free: int, reserve: int, missing: int | None
) -> None:
    """One byte less than the reserve is an obstacle that names the missing bytes."""
    obstacle = await conditions(local("12:00"), free=free, reserve=reserve).obstacle()
    if missing is None:
        assert obstacle is None
    else:
        assert isinstance(obstacle, DiskFullError)
        assert obstacle.needed == missing


def _conditions(
    clock: FakeClock, library: FakeLibrary, hours: tuple[str, ...] = (), reserve: int = 0
) -> QueueConditions:
    config = Config(downloads=DownloadsConfig(hours=hours, reserve_bytes=reserve))
    return QueueConditions(config=CurrentConfig(config), library=library, clock=clock)


@pytest.mark.anyio
async def test_no_obstacle_by_default() -> None:
    """Without hours and with enough space the queue works."""
    assert await _conditions(FakeClock(), FakeLibrary()).obstacle() is None


@pytest.mark.anyio
async def test_outside_the_allowed_hours_the_queue_waits_until_they_begin() -> None:
    """The obstacle names when work may begin."""
    clock = FakeClock()
    local = clock.now().astimezone()
    hours = f"{(local + timedelta(hours=1)):%H:%M}-{(local + timedelta(hours=2)):%H:%M}"

    obstacle = await _conditions(clock, FakeLibrary(), (hours,)).obstacle()

    assert isinstance(obstacle, NotBeforeError)
    assert obstacle.until == clock.now() + timedelta(hours=1)
    clock.advance(timedelta(hours=1))
    assert await _conditions(clock, FakeLibrary(), (hours,)).obstacle() is None


@pytest.mark.anyio
async def test_disk_and_library_are_obstacles() -> None:
    """A nearly full disk and a missing library have different reasons."""
    full = FakeLibrary()
    full.free = 10
    gone = FakeLibrary()
    gone.error = LibraryUnavailableError("/library", "it is not there")

    assert isinstance(await _conditions(FakeClock(), full, (), 11).obstacle(), DiskFullError)
    assert await _conditions(FakeClock(), gone).obstacle() is gone.error


def test_next_opening_is_found_past_midnight() -> None:
    """Spans repeat daily; a span that never opens ends the search after a day."""
    now = datetime(2026, 1, 1, 23, 30, tzinfo=UTC)
    local = (now + timedelta(minutes=45)).astimezone()
    span = parse_hours(f"{local:%H:%M}-{(local + timedelta(minutes=1)):%H:%M}")

    assert next_opening([span], now) == now + timedelta(minutes=45)
    assert next_opening([], now) == now + timedelta(days=1)
