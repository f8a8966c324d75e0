"""Layout v1: page of a series."""

from typing import Final

from aniworld_core.messages import Message
from aniworld_providers.catalogues.aniworld.layouts.markup import (
    LexborHTMLParser,
    MissingPieceError,
    attribute,
    first,
    parse_html,
    raise_if_error_page,
    text_of,
)
from aniworld_providers.catalogues.aniworld.layouts.text_cleanup import (
    clean_description,
    other_titles_of,
    year_in,
)
from aniworld_providers.catalogues.aniworld.layouts.v1.season import ALERT, rows_of, seasons_of
from aniworld_providers.catalogues.aniworld.values import (
    SeriesPage,
)


class _Selectors:
    """Selectors."""

    TITLE: Final = ("div.series-title h1 > span", "div.series-title h1")
    HEADING: Final = "div.series-title h1"
    START: Final = "span[itemprop=startDate] a"
    END: Final = "span[itemprop=endDate] a"
    DESCRIPTION: Final = "p.seri_des"
    COVER: Final = "div.seriesCoverBox img"
    GENRES: Final = "div.genres a[itemprop=genre]"
    SEASON_COUNT: Final = "meta[itemprop=numberOfSeasons]"
    SEASON_BOX: Final = "#stream"


#: Language tags in the list of genres.
_NO_GENRES: Final = frozenset({"ger", "gersub", "engsub", "engdub", "gerdub"})


def parse_series(text: str) -> SeriesPage:
    """Parse the page of a series."""
    tree = parse_html(text)
    title = first(tree, *_Selectors.TITLE)
    if title is None:
        raise_if_error_page(tree, ALERT)
        raise MissingPieceError(Message("piece_title"))
    heading = tree.css_first(_Selectors.HEADING)
    name = text_of(title)
    alternatives = other_titles_of(name, attribute(heading, "data-alternativetitles").split(","))
    started, ended = tree.css_first(_Selectors.START), tree.css_first(_Selectors.END)
    seasons, rows = seasons_of(tree), rows_of(tree)
    if seasons is None and not rows and not _is_without_seasons(tree):
        raise MissingPieceError(Message("piece_seasons"))
    return SeriesPage(
        title=name,
        alternative_titles=alternatives,
        description=_description(tree),
        year=year_in(text_of(started), attribute(started, "href").rpartition("/")[2]),
        end_year=year_in(text_of(ended)),
        genres=_genres(tree),
        cover=_cover(tree),
        seasons=seasons,
        rows=rows,
    )


def _is_without_seasons(tree: LexborHTMLParser) -> bool:
    """Return whether the page of a series states that it has no seasons yet."""
    if tree.css_first(_Selectors.SEASON_BOX) is not None:
        count = attribute(tree.css_first(_Selectors.SEASON_COUNT), "content")
        return count in {"", "0"}
    return False


def _description(tree: LexborHTMLParser) -> str:
    node = tree.css_first(_Selectors.DESCRIPTION)
    return clean_description(
        attribute(node, "data-full-description") or (node.text() if node else "")
    )


def _genres(tree: LexborHTMLParser) -> tuple[str, ...]:
    named = dict.fromkeys(text_of(node) for node in tree.css(_Selectors.GENRES))
    return tuple(name for name in named if name and name.lower() not in _NO_GENRES)


def _cover(tree: LexborHTMLParser) -> str:
    for image in tree.css(_Selectors.COVER):
        for name in ("data-src", "src"):
            link = attribute(image, name)
            if link and not link.startswith("data:"):
                return link
    return ""
