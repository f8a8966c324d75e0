"""A few rounds of killed changes; run `kill_changes.py` for more."""

from pathlib import Path
from typing import Final

import pytest

from core.application.library.changes.kill_changes import kill_changes
from support.thorough import IS_THOROUGH

#: Kills that hit a change; with all seeds 200 where there is time for them.
KILLS: Final = 40 if IS_THOROUGH else 3
SEEDS: Final = range(20, 25) if IS_THOROUGH else [20]


@pytest.mark.thorough
@pytest.mark.parametrize("seed", SEEDS)
def test_kills_lose_and_double_nothing(tmp_path: Path, seed: int) -> None:
    """After a kill and a recovery every content is there once, and belongs to its episode."""
    counts = kill_changes(KILLS, seed=seed, folder=tmp_path)

    assert counts.mistakes == []
    assert counts.hits == KILLS
