"""The matrix is the whole table, and the command meets faults as the fetchers do."""

import io
from pathlib import Path

import pytest

from aniworld_core.errors import BadMediaError
from aniworld_core.ports.fetcher import FetchedFile
from providers.faults import command_cases, dash_period_rows, dash_rows
from providers.faults.judging import Case, Ending, judge, parameters
from providers.faults.matrix import CASES

pytestmark = pytest.mark.anyio

#: Rows of the fault table that a server, a link or a disk plays in a fetch.
ROWS = {
    "direct": ["F1", "F3", "F6", "F7", "F8", "F9", "F10", "F11", "F12", "F13", "F14", "T4", "T7"],
    "hls": ["F1", "F3", "F6", "F7", "F8", "F9", "F10", "F11", "F12", "F13", "F14", "F15", "T5"],
    "dash": ["F1", "F3", "F6", "F7", "F10", "F13", "F14", "F15", "T5"],
    "command": ["F9", "F14", "F15"],
}

#: Each of them starts processes, so that the usual run plays the one that starts fewest.
FIRST = command_cases.CASES[-1]


@pytest.mark.parametrize(
    "case",
    [
        *parameters([*dash_rows.CASES, *dash_period_rows.CASES]),
        pytest.param(FIRST, id=str(FIRST)),
    ],
)
async def test_fault(case: Case, tmp_path: Path) -> None:
    """The fetch ends as its row says: the right film or a typed error, never a wrong film."""
    judgement = await judge(case, tmp_path)

    assert judgement.fits(case), judgement


@pytest.mark.parametrize("kind", ROWS)
def test_no_row_is_missing(kind: str) -> None:
    """Each row of the table that concerns a kind is played with it, under one name only."""
    own = [case for case in CASES if case.kind == kind]

    assert {case.row for case in own} >= set(ROWS[kind])
    assert len({str(case) for case in own}) == len(own)


async def test_the_judge_sees_what_is_wrong(tmp_path: Path) -> None:
    """A wrong film, a film after an error, an untyped exception and a missing film are reported."""
    path = tmp_path / "library" / "Film.mp4"

    async def gives(folder: Path) -> FetchedFile:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"another film")
        return FetchedFile(path=path, bytes=12, sha256=None)

    async def gives_and_raises(folder: Path) -> FetchedFile:
        await gives(folder)
        raise BadMediaError("it is wrong")

    async def breaks(folder: Path) -> FetchedFile:
        raise io.UnsupportedOperation

    def case(play: object) -> Case:
        return Case(
            row="F1",
            kind="direct",
            name="x",
            play=play,  # type: ignore[arg-type]
            is_right=lambda found: found.read_bytes() == b"the film",
        )

    assert (await judge(case(breaks), tmp_path)).ending is Ending.BARE
    assert (await judge(case(gives), tmp_path)).ending is Ending.WRONG
    assert (await judge(case(gives_and_raises), tmp_path)).ending is Ending.WRONG
