"""Tables on terminals of several widths."""

import io
from collections.abc import Sequence

import pytest
from rich.console import Console

from aniworld_cli.rendering.tables import draw_table

COLUMNS = ("Id", "Status", "Series", "Note")
ROWS = [
    ("5729c523", "completed", "lanterns-over-pebble-harbour", ""),
    ("bc916027", "failed", "moss", ""),
]


def drawn(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return the lines that are printed on a terminal of this width."""
    out = io.StringIO()
    draw_table(Console(file=out, width=width), COLUMNS, rows)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_a_wide_terminal_gets_columns_with_content() -> None:
    """Cells stand below their header; a column without content is left out."""
    assert drawn(ROWS, 60) == [
        "Id        Status     Series",
        "5729c523  completed  lanterns-over-pebble-harbour",
        "bc916027  failed     moss",
    ]


def test_columns_break_between_words_only() -> None:
    """A row that is too long for the terminal wraps in the column that has several words."""
    rows = [("5729c523", "completed", "lanterns-over-pebble-harbour", "waits for the next hour")]

    assert drawn(rows, 62) == [
        "Id        Status     Series                        Note",
        "5729c523  completed  lanterns-over-pebble-harbour  waits for",
        "                                                   the next",
        "                                                   hour",
    ]


@pytest.mark.parametrize("width", [30, 40, 48])
def test_a_narrow_terminal_gets_paragraphs_with_whole_words(width: int) -> None:
    """No word is broken as long as one fits into a line."""
    rows = [*ROWS, ("f1", "failed", "moss", "the file at 127.0.0.1 is missing: HTTP 404")]

    lines = drawn([*rows], width + 4)

    words = " ".join(lines).split()
    assert words == " ".join(cell for row in rows for cell in row if cell).split()
    assert max(map(len, lines)) <= width + 4
    assert [line for line in lines if not line.startswith(" ")] == ["5729c523", "bc916027", "f1"]


def test_a_word_that_fits_nowhere_is_broken_and_kept() -> None:
    """Nothing is cut off."""
    lines = drawn([("a" * 50, "b" * 30, "", "")], 20)

    assert "".join(line.strip() for line in lines) == "a" * 50 + "b" * 30


def test_a_paragraph_begins_with_the_first_cell_that_has_content() -> None:
    """A row without an id does not begin with an empty line."""
    lines = drawn([("", "failed", "moss", ""), ("f1", "completed", "b" * 30, "")], 30)

    assert lines == ["failed", "    moss", "f1", "    completed", "    " + "b" * 26, "    bbbb"]
