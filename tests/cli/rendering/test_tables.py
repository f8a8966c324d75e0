"""Tables on terminals of several widths."""

import io
import re
from collections.abc import Sequence

import pytest
from rich.cells import cell_len
from rich.console import Console

from aniworld_cli.rendering.tables import draw_table, wrapped

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


#: Columns of the tables that commands print, with content of the usual kind.
TABLES = {
    "show": (
        "S01E04",
        "{title}",
        "downloaded",
        "ger-dub, ger-sub",
        "{title}/Season 01/{title}.mp4",
    ),
    "list": ("a-very-long-key-of-a-series", "{title}", "5/5", ""),
    "queue list": ("5729c523", "failed", "a-very-long-key", "S01E04", "{title}", "HTTP 404"),
    "history": (
        "12",
        "2026-11-30 22:20:58",
        "completed",
        "{title}",
        "program",
        "from X in ger-dub",
    ),
    "doctor": ("catalogue archive", "warning", "{title}", "open in a browser: {title}"),
}
TITLES = {
    "long": ("Laternen über Kieselhafen " * 12).strip(),
    "wide": "進撃の巨人と終わらない物語" * 25,
    "wide words": "進撃の巨人 終わらない物語 " * 12,
    "right to left": "هجوم العمالقة والقصة التي لا تنتهي " * 9,
    "short": "Öl und Salz",
}


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("name", TABLES)
def test_no_column_is_squeezed_and_no_line_is_too_long(name: str, title: str, width: int) -> None:
    """Every column is wide enough to be read, and the whole content is there."""
    row = [cell.format(title=TITLES[title].strip()) for cell in TABLES[name]]
    out = io.StringIO()
    draw_table(Console(file=out, width=width), [f"C{n}" for n in range(len(row))], [row])

    lines = out.getvalue().splitlines()

    assert max(map(cell_len, lines)) <= width
    assert sorted("".join(row).replace(" ", "")) == sorted(re.sub(r"\s|C\d", "", "".join(lines)))
    if lines[0].startswith("C0"):
        assert len(lines) - 1 <= 3 or min_width_of_wrapped(lines) >= 20


def min_width_of_wrapped(lines: Sequence[str]) -> int:
    """Return the width of the narrowest column that goes on after the third line of the row."""
    lines = ["".join(each * cell_len(each) for each in line) for line in lines]
    starts = [match.start() for match in re.finditer(r"C\d", lines[0])]
    ends = [*starts[1:], len(lines[0]) + 100]
    tall = [
        end - start
        for start, end in zip(starts, ends, strict=True)
        if any(line[start : end - 2].strip() for line in lines[4:])
    ]
    return min(tall)


def test_a_link_is_not_broken() -> None:
    """It can be copied; other words are broken where no space is left."""
    link = "https://example.org/" + "a" * 60

    assert wrapped(f"see {link} 進撃の巨人", 20) == ["see", link, "進撃の巨人"]
    assert wrapped("進撃の巨人進撃", 6) == ["進撃の", "巨人進", "撃"]
    assert wrapped("", 6) == []
