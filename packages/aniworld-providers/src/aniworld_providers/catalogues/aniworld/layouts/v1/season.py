"""Layout v1: episode list of a season, and links to the other seasons."""

from collections.abc import Iterator
from typing import Final

from aniworld_core.messages import Message
from aniworld_providers.catalogues.aniworld.layouts.episode_rows import Cells, rows_from_cells
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

    SEASON_LINKS: Final = "#stream ul a[href]"
    EPISODES: Final = "table.seasonEpisodesList"
    ROW: Final = "table.seasonEpisodesList tr[data-episode-id]"
    #: One selector for all cells, because a long list has thousands; the tag shows the cell.
    CELLS: Final = (
        "meta[itemprop=episodeNumber]",
        "a[itemprop=url]",
        ".seasonEpisodeTitle a",
        ".seasonEpisodeTitle strong",
        ".seasonEpisodeTitle span",
        # One match is enough: only the presence matters, not the number.
        "i.icon:not(i.icon ~ i.icon)",
        "img.flag:not(img.flag ~ img.flag)",
    )


#: Selector of the message on error pages.
ALERT: Final = "div.messageAlert.danger"
_ROW_PARTS: Final = ", ".join(
    (_Selectors.ROW, *(f"{_Selectors.ROW} {cell}" for cell in _Selectors.CELLS))
)


def parse_season(text: str) -> SeasonPage:
    """Parse the page of a season or of films."""
    tree = parse_html(text)
    rows = rows_of(tree)
    if rows is None:
        raise_if_error_page(tree, ALERT)
        raise MissingPieceError(Message("piece_episodes"))
    return SeasonPage(seasons=seasons_of(tree), rows=rows)


def seasons_of(tree: LexborHTMLParser) -> tuple[int, ...] | None:
    """Return the linked seasons; the season count of the page includes films, so it is not used."""
    targets = (parse_link(attribute(link, "href")) for link in tree.css(_Selectors.SEASON_LINKS))
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
        if node.tag == "tr":
            if cells is not None:
                yield cells
            cells = Cells(numbers={"meta": "", "row": attribute(node, "data-episode-season-id")})
        elif cells is not None:
            _fill(cells, node)
    if cells is not None:
        yield cells


def _fill(cells: Cells, node: LexborNode) -> None:
    match node.tag:
        case "i":
            cells.hosters += 1
        case "img":
            # Only the presence counts: lists also show flags of unavailable languages.
            cells.flags += 1
        case "a":
            if "link" not in cells.numbers:
                target = parse_link(attribute(node, "href"))
                if target is not None and target.number is not None:
                    cells.season = target.season
                    cells.numbers["link"] = str(target.number)
        case "strong":
            cells.german = cells.german or text_of(node)
        case "span":
            cells.english = cells.english or text_of(node)
        case "meta":
            cells.numbers["meta"] = attribute(node, "content")
