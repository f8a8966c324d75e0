"""Delays between the first version of an episode and its dub."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aniworld_core.domain.automation import FEWEST, ReleaseDelays, delay_range
from aniworld_core.domain.automation.release_delays import DelayRange
from aniworld_core.domain.catalogue import VersionSeen
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import Language
from aniworld_core.testing import at

KEY = SeriesKey("one")
DUB, SUB = Language("ger-dub"), Language("ger-sub")
DAY = timedelta(days=1)

delays = st.timedeltas(timedelta(0), timedelta(days=30))


def version(
    number: int, days: float, language: Language, *, key: str = "one", is_first: bool = False
) -> VersionSeen:
    """Return a version that appeared some days after the start of the test's time."""
    return VersionSeen(
        key=SeriesKey(key),
        season=1,
        number=number,
        language=language,
        at=at(days * 86400),
        is_first=is_first,
    )


def dubbed(number: int, days: float, *, key: str = "one") -> list[VersionSeen]:
    """Return an episode of that week, whose dub came some days after its subtitles."""
    return [
        version(number, number * 7, SUB, key=key, is_first=True),
        version(number, number * 7 + days, DUB, key=key),
    ]


@given(st.lists(delays, max_size=FEWEST - 1))
def test_few_observations_promise_nothing(few: list[timedelta]) -> None:
    """Fewer than four earlier episodes give no range."""
    assert delay_range(few) is None


@given(st.lists(delays, min_size=FEWEST, max_size=60))
def test_a_range_holds_what_it_promises(observed: list[timedelta]) -> None:
    """The confidence is at least one half and never more than the share of observations in it."""
    found = delay_range(observed)
    assume(found is not None)

    assert found is not None
    inside = sum(found.shortest <= d <= found.longest for d in observed)
    assert 0.5 <= found.confidence < 1
    assert found.confidence <= inside / len(observed)
    assert found.episodes == len(observed)


@given(st.lists(delays, min_size=FEWEST, max_size=40), st.randoms())
def test_the_order_of_observations_does_not_matter(
    observed: list[timedelta], random: Random
) -> None:
    """The same delays in another order give the same range."""
    shuffled = list(observed)
    random.shuffle(shuffled)

    assert delay_range(shuffled) == delay_range(observed)


@given(
    st.lists(st.timedeltas(10 * DAY, 14 * DAY), min_size=9, max_size=40),
    st.timedeltas(200 * DAY, 4000 * DAY),
)
def test_one_outlier_moves_nothing_far(usual: list[timedelta], outlier: timedelta) -> None:
    """A dub that came a year late stays outside the range, and lowers the confidence."""
    found = delay_range([*usual, outlier])

    assert found is not None
    assert 10 * DAY <= found.shortest <= found.longest <= 14 * DAY
    assert found.confidence < 1 - 1 / (len(usual) + 1)


@pytest.mark.parametrize("late", [5, 8, 12])
def test_delays_on_two_days_of_the_week_are_one_range(late: int) -> None:
    """Two common delays are no outliers of each other, whichever is more common."""
    found = delay_range([10 * DAY] * 9 + [14 * DAY] * late + [300 * DAY])

    assert found is not None
    assert 10 * DAY <= found.shortest <= found.longest <= 14 * DAY


def test_a_range_over_months_is_no_promise() -> None:
    """Delays without any regularity give no range."""
    assert delay_range([n * 30 * DAY for n in range(8)]) is None


def test_the_delay_of_a_series_is_learned_from_its_own_episodes() -> None:
    """Fourteen dubs after about ten days give a range around ten days."""
    seen = [each for n in range(14) for each in dubbed(n, 8 + n % 5)]
    found = ReleaseDelays.learned(seen, {}).expected(KEY, DUB)

    assert found is not None
    assert (found.episodes, found.of_series) == (14, True)
    assert 8 * DAY <= found.shortest <= found.longest <= 12 * DAY


def test_a_new_series_learns_from_all_series() -> None:
    """Each series counts once, however many episodes it has."""
    seen = [each for n in range(40) for each in dubbed(n, 2, key="long")]
    seen += [each for n in range(4) for each in dubbed(1, 20 + n, key=f"short-{n}")]
    found = ReleaseDelays.learned(seen, {}).expected(KEY, DUB)

    assert found is not None
    assert (found.episodes, found.of_series) == (44, False)
    assert found.longest >= 22 * DAY


@pytest.mark.parametrize(
    ("seen", "air_days", "expected"),
    [
        ([version(1, 5, DUB)], {}, None),
        ([version(1, 5, DUB)], {1: 2}, 3),
        ([version(1, 5, DUB)], {1: 9}, None),
        ([version(1, 5, DUB, is_first=True)], {}, None),
        ([version(1, 5, DUB, is_first=True), version(1, 5, SUB, is_first=True)], {}, 0),
        ([*dubbed(0, 4), version(0, 9, DUB)], {0: 1}, 4),
        ([*dubbed(0, 4)], {0: -2}, 6),
    ],
    ids=[
        "start unknown",
        "broadcast known",
        "seen before its broadcast",
        "first version",
        "all at once",
        "first listing counts",
        "broadcast before the first version",
    ],
)
def test_an_episode_counts_if_its_start_is_known(
    seen: list[VersionSeen], air_days: dict[int, float], expected: float | None
) -> None:
    """A delay needs the time of the broadcast or of the first version."""
    copies = [
        VersionSeen(
            key=each.key,
            season=season,
            number=each.number,
            language=each.language,
            at=each.at,
            is_first=each.is_first,
        )
        for season in range(FEWEST)
        for each in seen
    ]
    air_dates = {
        (KEY, season, number): at(days * 86400)
        for season in range(FEWEST)
        for number, days in air_days.items()
    }
    found = ReleaseDelays.learned(copies, air_dates).expected(KEY, DUB)

    assert (found and found.shortest) == (None if expected is None else expected * DAY)


@pytest.mark.parametrize(
    ("days", "shortest", "longest", "places"),
    [
        ([7] * 4, 7, 7, (3, 5)),
        ([1, 2, 3, 4], 1, 4, (3, 5)),
        # An outlier is more than six deviations away: three days, as the deviation is small.
        ([7] * 11 + [10], 7, 10, (11, 13)),
        ([7] * 11 + [10.1], 7, 7, (10, 13)),
        ([3.9] + [7] * 11, 7, 7, (10, 13)),
        ([7] * 8 + [20, 21, 22], 7, 7, (7, 12)),
        # Values at the ends are left out as long as 70 % remain.
        (list(range(1, 20)), 3, 17, (14, 20)),
        (list(range(1, 19)), 2, 17, (15, 19)),
        # 45 days are the longest promise.
        ([0, 15, 30, 45], 0, 45, (3, 5)),
    ],
)
def test_the_range_of_given_delays(
    days: list[float], shortest: float, longest: float, places: tuple[int, int]
) -> None:
    """The confidence is the share of the places between two neighbours that are in the range."""
    assert delay_range([each * DAY for each in days]) == DelayRange(
        shortest=shortest * DAY,
        longest=longest * DAY,
        confidence=places[0] / places[1],
        episodes=len(days),
    )


def test_a_wider_range_than_45_days_is_no_promise() -> None:
    """Not even by an hour."""
    assert delay_range([0 * DAY, 15 * DAY, 30 * DAY, 45 * DAY + timedelta(hours=1)]) is None
