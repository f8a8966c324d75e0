"""Layout v2: page of a series."""

from typing import Final

from aniworld_core.messages import Message
from aniworld_providers.catalogues.aniworld.layouts.markup import (
    LexborHTMLParser,
    MissingPieceError,
    attribute,
    parse_html,
    raise_if_error_page,
    text_of,
)
from aniworld_providers.catalogues.aniworld.layouts.text_cleanup import clean_description, year_in
from aniworld_providers.catalogues.aniworld.layouts.v2.season import rows_of, seasons_of
from aniworld_providers.catalogues.aniworld.values import (
    SeriesPage,
)


class _Selectors:
    """Selectors."""

    TITLE: Final = "h1.fw-bold"
    YEARS: Final = 'h1.fw-bold ~ p a[href*="/jahr/"]'
    DESCRIPTION: Final = "span.description-text"
    GROUPS: Final = "li.series-group"
    GROUP_LABEL: Final = "strong"
    GROUP_ITEMS: Final = "a"
    PICTURES: Final = "picture img"
    SEASON_BOX: Final = "#season-nav"


def parse_series(text: str) -> SeriesPage:
    """Parse the page of a series."""
    tree = parse_html(text)
    title = tree.css_first(_Selectors.TITLE)
    seasons, rows = seasons_of(tree), rows_of(tree)
    if title is None or (seasons is None and rows is None):
        raise_if_error_page(tree)
    if title is None:
        raise MissingPieceError(Message("piece_title"))
    if seasons is None and not rows and tree.css_first(_Selectors.SEASON_BOX) is None:
        raise MissingPieceError(Message("piece_seasons"))
    started, ended = _years(tree)
    return SeriesPage(
        title=text_of(title),
        description=_description(tree),
        year=started,
        end_year=ended,
        genres=_genres(tree),
        cover=_cover(tree),
        seasons=seasons,
        rows=rows,
    )


def _years(tree: LexborHTMLParser) -> tuple[int | None, int | None]:
    links = tree.css(_Selectors.YEARS)[:2]
    years = [year_in(text_of(node), attribute(node, "href").rpartition("/")[2]) for node in links]
    return (*years, None, None)[0], (*years, None, None)[1]


def _description(tree: LexborHTMLParser) -> str:
    node = tree.css_first(_Selectors.DESCRIPTION)
    return clean_description(node.text() if node is not None else "")


def _genres(tree: LexborHTMLParser) -> tuple[str, ...]:
    for group in tree.css(_Selectors.GROUPS):
        label = text_of(group.css_first(_Selectors.GROUP_LABEL)).lower()
        if label.startswith("genre"):
            names = dict.fromkeys(text_of(item) for item in group.css(_Selectors.GROUP_ITEMS))
            return tuple(filter(None, names))
    return ()


def _cover(tree: LexborHTMLParser) -> str:
    for image in tree.css(_Selectors.PICTURES):
        if attribute(image, "alt").lower() == "backdrop":
            continue
        for name in ("data-src", "data-srcset", "src"):
            # In a `srcset` the first link is the smallest image, followed by its width.
            link = attribute(image, name).partition(" ")[0].rstrip(",")
            if link and not link.startswith("data:"):
                return link
    return ""
