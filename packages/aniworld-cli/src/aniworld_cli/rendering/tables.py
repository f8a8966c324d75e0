"""Tables on a terminal: columns where they fit, else one paragraph per row."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

#: A column of this width is readable, however many lines its cells have.
_NARROW: Final = 20
#: Most lines of a cell in a narrower column.
_MOST_LINES: Final = 3
#: Spaces between two columns.
_GAP: Final = 2
#: Indentation of a row's cells below its first one.
_INDENT: Final = 4


def draw_table(console: Console, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows with a header; columns without content are left out.

    A terminal that is too narrow gets paragraphs, because columns with broken words cannot be read
    or copied, and narrow columns with many lines hide which rows belong together.
    """
    filled = [n for n in range(len(columns)) if any(row[n] for row in rows)]
    table = [[row[n] for n in filled] for row in rows]
    header = [columns[n] for n in filled]
    widths = _fitted_widths([header, *table], console.width - _GAP * (len(header) - 1))
    if widths is None:
        _draw_paragraphs(console, table)
    else:
        _draw_columns(console, dict(zip(header, widths, strict=True)), table)


def _fitted_widths(rows: Sequence[Sequence[str]], total: int) -> Sequence[int] | None:
    """Return widths of columns that show every word whole; `None` if there are none.

    The widest columns are made narrower first.
    """
    columns = list(zip(*rows, strict=True))
    least = [max(map(_longest_word, cells)) for cells in columns]
    widths = [max(map(cell_len, cells)) for cells in columns]
    if sum(least) > total:
        return None
    while sum(widths) > total:
        _, widest = max((width, n) for n, width in enumerate(widths) if width > least[n])
        widths[widest] -= 1
    is_readable = all(
        _is_readable(cell, width)
        for cells, width in zip(columns, widths, strict=True)
        for cell in cells
    )
    return widths if is_readable else None


def _is_readable(cell: str, width: int) -> bool:
    """Return whether a cell is not squeezed into a narrow column of many lines."""
    return width >= _NARROW or len(wrapped(cell, width)) <= _MOST_LINES


def wrapped(text: str, width: int) -> list[str]:
    """Return a text as lines of at most *width* columns, broken between words where possible.

    Wide characters count as two columns. A link is never broken, so that it can be copied.
    """
    lines = [""]
    for word in text.split():
        line = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(line) <= width:
            lines[-1] = line
        else:
            parts = [word] if "://" in word else chop_cells(word, width)
            lines += parts
    return lines if lines[0] else lines[1:]


def _longest_word(cell: str) -> int:
    return max(map(cell_len, cell.split()), default=0)


def _draw_columns(
    console: Console, columns: Mapping[str, int], rows: Sequence[Sequence[str]]
) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, width in columns.items():
        table.add_column(Text(column), overflow="fold", width=width)
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _draw_paragraphs(console: Console, rows: Sequence[Sequence[str]]) -> None:
    for row in rows:
        first, *others = [cell for cell in row if cell] or [""]
        console.print(Text(first, style="bold", overflow="fold"))
        rest = "  ".join(others)
        if rest:
            console.print(Padding(Text(rest, overflow="fold"), (0, 0, 0, _INDENT), expand=False))
