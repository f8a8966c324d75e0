"""A few rounds of the kill loop; the script beside this file does as many as one likes."""

from pathlib import Path

import pytest

from providers.faults.kill_loop import KINDS, kill_loop

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("kind", KINDS)
async def test_killed_at_random_instants(kind: str, tmp_path: Path) -> None:
    """Every film arrives whole, nothing is left beside it, and little is fetched again."""
    tally = await kill_loop(kind, 3, seed=20, folder=tmp_path)

    assert tally.mistakes == []
    assert tally.kills == 3
    assert tally.films >= 1
