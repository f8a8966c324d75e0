"""F1, F3, F7 to F9, F12 to F14 for files in two tries, and links that lead astray."""

from pathlib import Path

import pytest

from providers.faults.direct_resumed_rows import CASES
from providers.faults.judging import Case, judge, parameters

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("case", parameters(CASES))
async def test_fault(case: Case, tmp_path: Path) -> None:
    """The fetch ends as its row says: the right film or a typed error, never a wrong film."""
    judgement = await judge(case, tmp_path)

    assert judgement.fits(case), judgement
