"""A few rounds of the kill loop; run `kill_loop.py` for more."""

from pathlib import Path

import pytest

from providers.faults.kill_loop import KINDS, kill_loop
from support.thorough import IS_THOROUGH

pytestmark = [pytest.mark.anyio, pytest.mark.thorough]

#: Every kill costs a process; the usual suite looks at two of each kind, the thorough one at more.
KILLS = 10 if IS_THOROUGH else 2


@pytest.mark.parametrize("kind", KINDS)
async def test_killed_at_random_instants(kind: str, tmp_path: Path) -> None:
    """Every film is complete, no other file is left, and few bytes are fetched again."""
    totals = await kill_loop(kind, KILLS, seed=20, folder=tmp_path)

    assert totals.mistakes == []
    assert totals.kills == KILLS
    assert totals.films >= 1
