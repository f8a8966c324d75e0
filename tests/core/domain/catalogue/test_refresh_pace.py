"""How often listings are read."""

from datetime import UTC, datetime, timedelta

import pytest

from aniworld_core.domain.catalogue import is_resting

NOW = datetime(2026, 12, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("days", "checked", "rests"),
    [
        ([-400, -200], NOW - HOUR, True),
        ([-400, 30], NOW - HOUR, True),
        ([-400, 1], NOW - HOUR, False),
        ([-30], NOW - HOUR, False),
        ([-400], NOW - 25 * HOUR, False),
        ([-400], NOW + HOUR, False),
        ([-400], None, False),
        ([], NOW - HOUR, False),
    ],
    ids=[
        "ended",
        "next season far away",
        "airs tomorrow",
        "aired last month",
        "checked yesterday",
        "clock set back",
        "never checked",
        "no air dates",
    ],
)
def test_a_series_rests_between_its_seasons(
    days: list[int], checked: datetime | None, rests: bool
) -> None:
    """Known air dates, none of them near, and a check within a day are needed."""
    assert is_resting([NOW + n * DAY for n in days], checked, NOW) is rests
