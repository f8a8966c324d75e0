"""A few rounds of killed changes; run `kill_changes.py` for more."""

from pathlib import Path
from typing import Final

import pytest

from core.application.library.changes.kill_changes import kill_changes
from support.thorough import IS_THOROUGH

#: More where there is time for it.
KILLS: Final = 200 if IS_THOROUGH else 3


@pytest.mark.thorough
def test_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """After a kill and a recovery every content is there once, and belongs to its episode."""
    counts = kill_changes(KILLS, seed=20, folder=tmp_path)

    assert counts.mistakes == []
    assert counts.hits == KILLS
