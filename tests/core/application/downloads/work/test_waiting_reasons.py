"""CircuitBreakers and the conditions under which the queue may work."""

from datetime import UTC, datetime, timedelta

import pytest

from aniworld_core.application.catalogue import FIRST_REST, LONGEST_REST, THRESHOLD, CircuitBreakers
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.downloads import QueueConditions, next_opening
from aniworld_core.domain.configuration import Config, DownloadsConfig, parse_hours
from aniworld_core.errors import (
    DiskFullError,
    FetchInterruptedError,
    LibraryUnavailableError,
    NotBeforeError,
    NotYetAvailableError,
    ProviderUnavailableError,
    SourceGoneError,
)
from aniworld_core.testing.fakes import FakeClock, FakeLibrary

CUT = FetchInterruptedError("cut")


def _failing(clock: FakeClock, times: int) -> CircuitBreakers:
    circuits = CircuitBreakers(clock=clock)
    for _ in range(times):
        circuits.note("hoster", CUT)
    return circuits


def test_circuit_opens_after_failures_in_a_row() -> None:
    """The third failure in a row leaves the place alone, and says for how long."""
    clock = FakeClock()
    _failing(clock, THRESHOLD - 1).require("hoster")

    with pytest.raises(ProviderUnavailableError) as refused:
        _failing(clock, THRESHOLD).require("hoster")

    assert refused.value.retry_after == FIRST_REST


def test_success_closes_the_circuit() -> None:
    """One success forgets all failures."""
    circuits = _failing(FakeClock(), THRESHOLD - 1)

    circuits.note("hoster", None)
    circuits.note("hoster", CUT)
    circuits.require("hoster")

    assert circuits.open_circuits() == {}


def test_failed_trial_doubles_the_rest_up_to_a_limit() -> None:
    """When the time is over one attempt decides; each failed one doubles the rest."""
    clock = FakeClock()
    circuits = _failing(clock, THRESHOLD)
    rests = []
    for _ in range(6):
        left = circuits.open_circuits()["hoster"] - clock.now()
        rests.append(left)
        clock.advance(left)
        circuits.require("hoster")
        circuits.note("hoster", CUT)

    assert rests == [FIRST_REST * n for n in (1, 2, 4, 8)] + [LONGEST_REST] * 2


@pytest.mark.parametrize(
    "outcome",
    [
        SourceGoneError("file"),
        NotYetAvailableError("x", ["ger-dub"], []),
        FetchInterruptedError("busy", retry_after=timedelta(seconds=1)),
    ],
)
def test_what_says_nothing_about_the_place_does_not_count(outcome: FetchInterruptedError) -> None:
    """A missing file, a missing language or a wish to wait is no failure of the place."""
    circuits = CircuitBreakers(clock=FakeClock())
    for _ in range(THRESHOLD + 1):
        circuits.note("hoster", outcome)

    circuits.require("hoster")
    assert circuits.open_circuits() == {}


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
    """A nearly full disk and a vanished library are told as what they are."""
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
