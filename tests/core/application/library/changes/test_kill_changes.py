"""A few rounds of killed changes; figure M1 has more."""

from pathlib import Path
from typing import Final

from core.application.library.changes.kill_changes import kill_changes

#: Kills that hit a change; figure M1 has more.
KILLS: Final = 3


def test_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """After a kill and a recovery every content is there once, and belongs to its episode."""
    counts = kill_changes(KILLS, seed=20, folder=tmp_path)

    assert counts.mistakes == []
    assert counts.hits == KILLS
