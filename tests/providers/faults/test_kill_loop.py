"""A few rounds of the kill loop; run `kill_loop.py` for more."""

from pathlib import Path

import pytest

from providers.faults.kill_loop import KINDS, kill_loop
from support.thorough import ONLY_THOROUGH

#: Transfers that are killed at some call of the system, or segment, show the same in short.
pytestmark = [pytest.mark.anyio, *ONLY_THOROUGH]

#: Every kill costs a process.
KILLS = 10


@pytest.mark.parametrize("kind", KINDS)
async def test_killed_at_random_instants(kind: str, tmp_path: Path) -> None:
    """Every film is complete, no other file is left, and few bytes are fetched again."""
    totals = await kill_loop(kind, KILLS, seed=20, folder=tmp_path)

    assert totals.mistakes == []
    assert totals.kills == KILLS
    assert totals.films >= 1
