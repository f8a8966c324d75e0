"""F1, F3 and F6 to F15 for streams, and what hostile ones try."""

from pathlib import Path

import pytest

from providers.faults import (
    format_rows,
    hls_address_rows,
    hls_list_rows,
    hls_resumed_rows,
    hls_segment_rows,
    hls_timing_rows,
)
from providers.faults.judging import Case, judge, parameters

pytestmark = pytest.mark.anyio

CASES = [
    *hls_segment_rows.CASES,
    *hls_list_rows.CASES,
    *hls_address_rows.CASES,
    *hls_timing_rows.CASES,
    *format_rows.CASES,
    *hls_resumed_rows.CASES,
]


@pytest.mark.parametrize("case", parameters(CASES))
async def test_fault(case: Case, tmp_path: Path) -> None:
    """The fetch ends as its row says: the right film or a typed error, never a wrong film."""
    judgement = await judge(case, tmp_path)

    assert judgement.fits(case), judgement
