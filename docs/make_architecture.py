"""Draw `docs/architecture.svg` from the import graph.

`python docs/make_architecture.py` draws it: one table of distributions and layers, one of the rooms
of the core. A dot says that some module of the row imports some module of the column.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import grimp

FOLDER: Final = Path(__file__).parent
_CORE: Final = "aniworld_core"
_OTHERS: Final = (
    "aniworld_cli",
    "aniworld_http",
    "aniworld_sqlite",
    "aniworld_postgres",
    "aniworld_providers",
)
_LAYERS: Final = (
    "testing",
    "bootstrap",
    "adapters",
    "application",
    "ports",
    "events",
    "domain",
    "errors",
)
_ROOMS: Final = ("automation", "downloads", "library", "catalogue", "configuration", "access")

_CELL: Final = 34
_LABEL: Final = 170
_TOP: Final = 100
#: Room for the last of the slanted labels.
_SLANT: Final = 100
_FRAME: Final = 20
_STYLE: Final = """
  text { font: 14px system-ui, sans-serif; fill: #1f2430 }
  .title { font-weight: bold }
  .own { fill: #e8ecf6 } .cell { fill: none; stroke: #c3cad9 } .dot { fill: #3455b4 }
  .paper { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e9f2 } .own { fill: #2b3244 } .cell { stroke: #475069 } .dot { fill: #8fa8ff }
    .paper { fill: #14171f }
  }
"""


def architecture() -> str:
    """Return the picture."""
    graph = grimp.build_graph(_CORE, *_OTHERS, cache_dir=None)
    imports = {
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    }

    def is_imported(rows: Callable[[str], bool], columns: Callable[[str], bool]) -> bool:
        return any(rows(importer) and columns(imported) for importer, imported in imports)

    below = _TOP + _CELL * len(_ROOMS) + _FRAME
    beside = _FRAME + _LABEL + _CELL * (len(_LAYERS) + len(_OTHERS)) + _SLANT
    tables = [
        _table(
            "Distributions, and layers of the core",
            [*_OTHERS, *_LAYERS],
            [*_LAYERS, *_OTHERS],
            lambda row, column: is_imported(_is_part(row), _is_part(column)),
            (_FRAME, _FRAME),
        ),
        *(
            _table(
                f"Rooms of {layer}",
                _ROOMS,
                _ROOMS,
                lambda row, column, layer=layer: is_imported(
                    _is_part(f"{layer}.{row}"), _is_part(f"{layer}.{column}")
                ),
                (beside, top),
            )
            for layer, top in (("application", _FRAME), ("domain", _FRAME + below))
        ),
    ]
    width = beside + _LABEL + _CELL * len(_ROOMS) + _SLANT
    height = 2 * below + 2 * _FRAME
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
        "<title>Which part imports which: a dot says that the row imports the column</title>"
        f"<style>{_STYLE}</style>"
        f'<rect class="paper" width="{width}" height="{height}"/>\n'
        f"{''.join(tables)}</svg>\n"
    )


def _is_part(name: str) -> Callable[[str], bool]:
    whole = name if name in _OTHERS else f"{_CORE}.{name}"
    return lambda module: f"{module}.".startswith(f"{whole}.")


def _table(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    has_dot: Callable[[str, str], bool],
    corner: tuple[int, int],
) -> str:
    left, top = corner
    start, first = left + _LABEL, top + _TOP
    parts = [f'<text class="title" x="{left}" y="{top + 4}">{title}</text>\n']
    for number, name in enumerate(columns):
        x = start + _CELL * number + _CELL // 2
        parts.append(
            f'<text transform="translate({x + 4} {first - 8}) rotate(-40)">{_shown(name)}</text>\n'
        )
    for line, row in enumerate(rows):
        y = first + _CELL * line
        parts.append(f'<text x="{start - 8}" y="{y + 22}" text-anchor="end">{_shown(row)}</text>\n')
        for number, column in enumerate(columns):
            x = start + _CELL * number
            kind = "own" if row == column else "cell"
            parts.append(
                f'<rect class="{kind}" x="{x}" y="{y}" width="{_CELL}" height="{_CELL}"/>\n'
            )
            if row != column and has_dot(row, column):
                parts.append(
                    f'<circle class="dot" cx="{x + _CELL // 2}" cy="{y + _CELL // 2}" r="7"/>\n'
                )
    return "".join(parts)


def _shown(name: str) -> str:
    return name.replace("_", "-")


PAGES: Final = {"architecture.svg": architecture}


def main() -> int:
    """Draw the picture, and return whether it was out of date."""
    path, made = FOLDER / "architecture.svg", architecture()
    changed = not path.exists() or path.read_text("utf-8") != made
    path.write_text(made, "utf-8")
    return int(changed)


if __name__ == "__main__":
    sys.exit(main())
