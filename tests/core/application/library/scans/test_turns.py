"""Folders and files that a scan looks at closely, in turns."""

from datetime import timedelta

import pytest

from aniworld_core.application.library.scans.surveying import in_turns
from aniworld_core.testing.fakes import FakeClock


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2000, 2001, 3500])
def test_scans_in_a_row_look_at_everything(count: int) -> None:
    """Each takes at most 1,000 items, and no two of a round take the same."""
    items = [str(number) for number in range(count)]
    rounds = max(1, (count + 999) // 1000)
    clock = FakeClock()
    seen: list[str] = []
    for _ in range(rounds):
        chosen = in_turns(items, clock)
        assert len(chosen) <= 1000
        seen += chosen
        clock.advance(timedelta(milliseconds=1))
    assert sorted(seen) == sorted(items)
