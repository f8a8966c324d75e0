"""Layout v2: episode list of a season, and links to the other seasons."""

from collections.abc import Iterator, Sequence
from typing import Final

from aniworld_core.messages import Message
from aniworld_providers.catalogues.aniworld.layouts.episode_rows import Cells, rows_from_cells
from aniworld_providers.catalogues.aniworld.layouts.flags import language_of_flag
from aniworld_providers.catalogues.aniworld.layouts.markup import (
    LexborHTMLParser,
    LexborNode,
    MissingPieceError,
    attribute,
    parse_html,
    raise_if_error_page,
    text_of,
)
from aniworld_providers.catalogues.aniworld.links import parse_link
from aniworld_providers.catalogues.aniworld.values import (
    EpisodeRow,
    SeasonPage,
)


class _Selectors:
    """Selectors."""

    SEASONS: Final = "#season-nav [data-season-pill]"
    SEASON_LINKS: Final = "#season-nav a[href]"
    EPISODES: Final = ".episode-table"
    ROW: Final = ".episode-table tr.episode-row"
    #: One selector for all cells, because a long list has thousands; `_fill` finds the cell.
    CELLS: Final = (
        ".episode-number-cell",
        ".episode-title-ger",
        ".episode-title-eng",
        ".episode-language-cell svg",
        ".episode-language-cell use",
        "img.watch-link",
        "a[href]",
    )


_ROW_PARTS: Final = ", ".join(
    (_Selectors.ROW, *(f"{_Selectors.ROW} {cell}" for cell in _Selectors.CELLS))
)
_FLAG_STARTS: Final = ("svg-flag-", "#icon-flag-")


def parse_season(text: str) -> SeasonPage:
    """Parse the page of a season or of films."""
    tree = parse_html(text)
    rows = rows_of(tree)
    if rows is None:
        raise_if_error_page(tree)
        raise MissingPieceError(Message("piece_episodes"))
    return SeasonPage(seasons=seasons_of(tree), rows=rows)


def seasons_of(tree: LexborHTMLParser) -> tuple[int, ...] | None:
    """Return the linked seasons; `None` without such links."""
    pills = (attribute(node, "data-season-pill") for node in tree.css(_Selectors.SEASONS))
    found = {int(pill) for pill in pills if _is_number(pill)}
    if not found:
        targets = (
            parse_link(attribute(link, "href")) for link in tree.css(_Selectors.SEASON_LINKS)
        )
        found = {t.season for t in targets if t and t.season is not None and t.number is None}
    return tuple(sorted(found)) or None


def rows_of(tree: LexborHTMLParser) -> tuple[EpisodeRow, ...] | None:
    """Return the rows of the episode list; `None` if the page has none."""
    if tree.css_first(_Selectors.EPISODES) is None:
        return None
    return rows_from_cells(_lines(tree))


def _lines(tree: LexborHTMLParser) -> Iterator[Cells]:
    cells: Cells | None = None
    for node in tree.css(_ROW_PARTS):
        classes = attribute(node, "class").split()
        if "episode-row" in classes:
            if cells is not None:
                yield cells
            cells = Cells(numbers={"cell": ""})
            _set_number(cells, attribute(node, "onclick"))
        elif cells is not None:
            _fill(cells, node, classes)
    if cells is not None:
        yield cells


def _fill(cells: Cells, node: LexborNode, classes: Sequence[str]) -> None:
    if "episode-number-cell" in classes:
        cells.numbers["cell"] = text_of(node)
    elif "episode-title-ger" in classes:
        cells.german = text_of(node)
    elif "episode-title-eng" in classes:
        cells.english = text_of(node)
    elif node.tag == "img":
        cells.hosters += 1
    elif node.tag == "a":
        _set_number(cells, attribute(node, "href"))
    else:
        _flag(cells, [*classes, attribute(node, "href", "xlink:href")])


def _flag(cells: Cells, names: Sequence[str]) -> None:
    for name in names:
        for start in _FLAG_STARTS:
            if name.startswith(start):
                cells.flags += 1
                language = language_of_flag(name.removeprefix(start).lower())
                cells.languages |= {language} if language else set()


def _set_number(cells: Cells, link: str) -> None:
    """Set season and number from a link, or from a script that opens a link."""
    quoted = link.replace('"', "'").split("'")
    target = parse_link(quoted[1] if len(quoted) > 2 else link)
    if target is not None and target.number is not None and "link" not in cells.numbers:
        cells.season = target.season
        cells.numbers["link"] = str(target.number)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4
