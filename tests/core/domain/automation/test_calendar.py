"""Broadcasts and expected versions in the calendar."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniworld_core.domain.automation import (
    Airing,
    AiringState,
    DelayRange,
    ExpectedVersion,
    ReleaseDelays,
    airings,
    between,
    expected_versions,
    in_order,
    is_release_near,
)
from aniworld_core.domain.catalogue import AirDate, Episode, MetadataEntry, Series, air_dates_of
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import Language
from aniworld_core.testing import make_episode, make_series

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DUB, SUB = Language("ger-dub"), Language("ger-sub")
ZONES = ("Europe/Berlin", "America/Havana", "Pacific/Kiritimati", "Asia/Kathmandu", "Africa/Cairo")


def airing(at: datetime, **changes: Any) -> Airing:
    """Return a broadcast at a time."""
    entry = Airing(
        key=SeriesKey("one"),
        name="One",
        season=1,
        number=1,
        at=at,
        state=AiringState.EXPECTED,
    )
    return attrs.evolve(entry, **changes)


def series(*episodes: Episode, **changes: Any) -> Series:
    """Return a monitored series."""
    return attrs.evolve(make_series("one", name="One", episodes=episodes), **changes)


@pytest.mark.parametrize(
    ("episode", "days", "state"),
    [
        (make_episode(1), 1, "expected"),
        (make_episode(1), -1, "aired"),
        (make_episode(1, downloaded=True, wanted=False), 1, "downloaded"),
        (make_episode(1, wanted=False), -1, "unwanted"),
        (make_episode(1, last_number=2, downloaded=True), -1, "downloaded"),
        (None, 1, "expected"),
        (None, -1, "aired"),
    ],
)
def test_the_state_of_a_broadcast(episode: Episode | None, days: int, state: str) -> None:
    """A file decides, then the owner, then the time; the catalogue need not list the episode."""
    shown = series(*([episode] if episode else []))

    [found] = airings(shown, {(1, 1): NOW + days * DAY}, NOW)

    assert (found.state.value, found.code) == (state, "S01E01")


def test_an_episode_of_an_unwanted_season_is_not_expected() -> None:
    """What the owner said about the season counts for episodes that are not listed yet."""
    [found] = airings(series(unwanted_seasons=(3,)), {(3, 1): NOW + DAY}, NOW)

    assert found.state is AiringState.UNWANTED


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        ("2026-03-29T00:59:59Z", "Europe/Berlin", "2026-03-29"),
        ("2026-03-29T01:00:00Z", "Europe/Berlin", "2026-03-29"),
        ("2026-03-28T22:59:59Z", "Europe/Berlin", "2026-03-28"),
        ("2026-03-28T23:00:00Z", "Europe/Berlin", "2026-03-29"),
        ("2026-03-29T21:59:59Z", "Europe/Berlin", "2026-03-29"),
        ("2026-03-29T22:00:00Z", "Europe/Berlin", "2026-03-30"),
        ("2026-10-24T22:00:00Z", "Europe/Berlin", "2026-10-25"),
        ("2026-10-25T22:59:59Z", "Europe/Berlin", "2026-10-25"),
        ("2026-10-25T23:00:00Z", "Europe/Berlin", "2026-10-26"),
        ("2026-12-31T10:00:00Z", "Pacific/Kiritimati", "2027-01-01"),
    ],
)
def test_a_day_is_that_of_the_time_zone(at: str, zone: str, day: str) -> None:
    """On days of 23 and 25 hours the first and the last moment belong to that day, too."""
    entry = airing(datetime.fromisoformat(at))

    assert entry.days(ZoneInfo(zone)) == (date.fromisoformat(day), date.fromisoformat(day))


@given(
    seconds=st.integers(631152000, 4102444800),
    zone=st.sampled_from(ZONES),
)
def test_every_broadcast_is_on_exactly_one_day(seconds: int, zone: str) -> None:
    """Two calendars that meet at midnight neither lose nor repeat a broadcast."""
    at = datetime.fromtimestamp(seconds, UTC)
    info, entry = ZoneInfo(zone), airing(at)
    start = at.date()
    found = [
        day
        for offset in range(-2, 3)
        if list(between(iter([entry]), day := start + offset * DAY, day, info))
    ]

    assert len(found) == 1
    assert entry.days(info)[0] == found[0]


def test_a_range_of_days_is_in_every_calendar_that_it_touches() -> None:
    """A version expected on several days belongs to both months."""
    learned = DelayRange(shortest=DAY, longest=5 * DAY, confidence=0.8, episodes=9)
    entry = ExpectedVersion(
        key=SeriesKey("one"),
        name="One",
        season=1,
        number=1,
        language=DUB,
        earliest=datetime(2026, 11, 29, 23, 30, tzinfo=UTC),
        latest=datetime(2026, 12, 3, tzinfo=UTC),
        learned=learned,
    )
    berlin = ZoneInfo("Europe/Berlin")

    def shown(first: str, last: str) -> bool:
        days = date.fromisoformat(first), date.fromisoformat(last)
        return bool(list(between(iter([entry]), *days, berlin)))

    assert entry.days(berlin) == (date(2026, 11, 30), date(2026, 12, 3))
    assert shown("2026-11-01", "2026-11-30")
    assert shown("2026-12-03", "2026-12-31")
    assert not shown("2026-11-01", "2026-11-29")
    assert not shown("2026-12-04", "2026-12-31")


def test_the_order_is_by_day_then_time() -> None:
    """Broadcasts of a day come before expected versions."""
    late, early = airing(NOW + timedelta(hours=2)), airing(NOW + timedelta(hours=1), name="Two")
    tomorrow = airing(NOW + DAY, name="A")

    assert in_order(iter([tomorrow, late, early]), UTC) == (early, late, tomorrow)


class Delays(ReleaseDelays):
    """Delays of three to five days for the dub."""

    def expected(self, key: SeriesKey, language: Language) -> DelayRange | None:
        """Return the same range for every series."""
        if language != DUB:
            return None
        return DelayRange(shortest=3 * DAY, longest=5 * DAY, confidence=0.75, episodes=14)


@pytest.mark.parametrize(
    ("episode", "age", "is_expected"),
    [
        (make_episode(1, languages=frozenset({SUB})), 1, True),
        (make_episode(1, languages=frozenset({SUB})), 4, True),
        (make_episode(1, languages=frozenset({SUB})), 5, True),
        (make_episode(1, languages=frozenset({SUB})), 6, False),
        (make_episode(1, languages=frozenset({SUB, DUB})), 1, False),
        (make_episode(1, downloaded=True, file_language=DUB), 1, False),
        (make_episode(1, downloaded=True, file_language=SUB), 1, True),
        (make_episode(1, wanted=False), 1, False),
        (make_episode(1, available=False), -2, True),
        (None, -2, True),
    ],
)
def test_a_better_version_is_expected(episode: Episode | None, age: int, is_expected: bool) -> None:
    """Expected is what the owner prefers to what exists, until the range has passed."""
    shown = series(*([episode] if episode else []))
    start = NOW - age * DAY
    delays = Delays({}, {(shown.key, 1, 1): start})

    found = list(expected_versions(shown, delays, [DUB, SUB], NOW, air_dates={(1, 1): start}))

    assert bool(found) == is_expected
    for each in found:
        assert (each.earliest, each.latest) == (start + 3 * DAY, start + 5 * DAY)
        assert (each.language, each.learned.episodes) == (DUB, 14)


def test_a_language_without_delays_hides_no_later_one() -> None:
    """The owner prefers a language that never came; the next one is expected all the same."""
    shown = series(make_episode(1))
    delays = Delays({}, {(shown.key, 1, 1): NOW})
    order = [Language("eng-dub"), DUB, SUB]

    found = list(expected_versions(shown, delays, order, NOW, air_dates={(1, 1): NOW}))

    assert [each.language for each in found] == [DUB]


def test_nothing_is_expected_of_a_series_that_is_not_monitored() -> None:
    """Its catalogue is not checked for new versions."""
    shown = series(make_episode(1), monitored=False)
    delays = Delays({}, {(shown.key, 1, 1): NOW})

    assert list(expected_versions(shown, delays, [DUB], NOW, air_dates={})) == []


@pytest.mark.parametrize(
    ("hours", "state", "is_near"),
    [(-1, "aired", True), (-49, "aired", False), (1, "expected", False), (-1, "downloaded", False)],
)
def test_a_release_is_near_for_two_days(hours: int, state: str, is_near: bool) -> None:
    """The catalogue may get the episode soon after its broadcast."""
    entry = airing(NOW + timedelta(hours=hours), state=AiringState(state))

    assert is_release_near([entry], NOW) is is_near


def test_air_dates_without_a_season_are_those_of_the_only_one() -> None:
    """With several seasons such a source decides nothing; absurd years are mistakes."""
    entry = MetadataEntry(
        source="a",
        id="1",
        title="One",
        link="https://example.org/1",
        fetched_at=NOW,
        air_dates=(
            AirDate(number=1, at=NOW),
            AirDate(number=2, at=NOW, season=2),
            AirDate(number=3, at=NOW.replace(year=9999), season=2),
        ),
    )

    assert air_dates_of(series(), [entry]) == {(1, 1): NOW, (2, 2): NOW}
    assert air_dates_of(series(make_episode(1, season=4)), [entry]) == {(4, 1): NOW, (2, 2): NOW}
    several = series(make_episode(1), make_episode(1, season=2))
    assert air_dates_of(several, [entry]) == {(2, 2): NOW}
