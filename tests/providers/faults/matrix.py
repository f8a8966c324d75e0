"""Run every fault case and count the results.

    python tests/providers/faults/matrix.py

The last line says how many ended with the right film, how many failed with an error that says
so, and how many gave a wrong file that was called done (none may).
"""

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from providers.faults import (
    command_cases,
    dash_period_rows,
    dash_rows,
    direct_resumed_rows,
    direct_rows,
    format_rows,
    hls_address_rows,
    hls_list_rows,
    hls_resumed_rows,
    hls_segment_rows,
    hls_timing_rows,
)
from providers.faults.direct_case import case_of
from providers.faults.judging import Case, Ending, judge

CASES: tuple[Case, ...] = (
    *(case_of(name, row) for name, row in direct_rows.ROWS.items()),
    *direct_resumed_rows.CASES,
    *hls_segment_rows.CASES,
    *hls_list_rows.CASES,
    *hls_address_rows.CASES,
    *hls_timing_rows.CASES,
    *hls_resumed_rows.CASES,
    *dash_rows.CASES,
    *dash_period_rows.CASES,
    *format_rows.CASES,
    *command_cases.CASES,
)


async def play(cases: Sequence[Case], *, is_loud: bool) -> tuple[Counter[Ending], list[str]]:
    """Play cases one after another; gives how they ended, and those that must end otherwise."""
    endings: Counter[Ending] = Counter()
    unfit: list[str] = []
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            found = await judge(case, Path(folder))
        endings[found.ending] += 1
        line = f"{case}: {found.ending.value} {found.words}".rstrip()
        if not found.fits(case):
            wanted = case.error.__name__ if case.error else "the right film"
            unfit.append(f"{line} (must be: {wanted})")
        if is_loud:
            sys.stdout.write(line[:200] + "\n")
    return endings, unfit


def result_line(endings: Counter[Ending]) -> str:
    """Say how it all went."""
    parts = (
        f"{endings[Ending.RIGHT]} right",
        f"{endings[Ending.HONEST]} failed honestly",
        f"{endings[Ending.WRONG]} wrong files",
        f"{endings[Ending.BARE]} bare exceptions or hangs",
    )
    return f"{endings.total()} faults: {', '.join(parts)}"


def main() -> int:
    """Run as a script; gives 1 if anything ended as it must not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verbose", action="store_true", help="print the result of each fault")
    parser.add_argument("--only", default="", help="run only faults whose name contains this text")
    options = parser.parse_args()
    cases = [case for case in CASES if options.only in str(case)]
    endings, unfit = asyncio.run(play(cases, is_loud=options.verbose))
    sys.stdout.write("".join(f"UNFIT {line}\n" for line in unfit))
    sys.stdout.write(result_line(endings) + "\n")
    return 1 if unfit else 0


if __name__ == "__main__":
    sys.exit(main())
