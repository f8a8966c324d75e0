"""Layout v2: browse lists.

Public parsers document only the paths of these pages, not their markup. So the parser takes every
link to a series or episode with the text around it. A page without such a link counts as changed.
"""

from collections.abc import Iterator
from typing import Final

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_providers.catalogues.aniworld.layouts.browse_rows import (
    LIST_NAMES,
    RowParts,
    merged_rows,
)
from aniworld_providers.catalogues.aniworld.layouts.flags import (
    flag_name,
    language_of_flag,
    language_of_label,
)
from aniworld_providers.catalogues.aniworld.layouts.markup import (
    LexborHTMLParser,
    LexborNode,
    MissingPieceError,
    attribute,
    first,
    parse_html,
    raise_if_error_page,
    text_of,
)
from aniworld_providers.catalogues.aniworld.layouts.text_cleanup import clean_text, day_in
from aniworld_providers.catalogues.aniworld.links import parse_link
from aniworld_providers.catalogues.aniworld.values import BrowseRow


class _Selectors:
    """Selectors."""

    PARTS: Final = 'h1, h2, h3, h4, h5, h6, a[href*="/serie/" i], a[href*="/anime/" i]'
    NAME: Final = (".show-title, .series-title, .card-title", "h3, h4, h5, h6", "strong")
    FLAGS: Final = "svg, use, img"
    LABELS: Final = "small, span, time"


_FLAG_STARTS: Final = ("svg-flag-", "#icon-flag-")


def parse_browse_list(name: BrowseListName, text: str) -> tuple[BrowseRow, ...]:
    """Parse a browse list.

    Raises:
        MissingPieceError: If no link on the page fits the list.
    """
    tree = parse_html(text)
    rows = merged_rows(parts for parts in _linked(tree) if _belongs(parts, name))
    if not rows:
        raise_if_error_page(tree)
        raise MissingPieceError(LIST_NAMES[name])
    return rows


def _belongs(parts: RowParts, name: BrowseListName) -> bool:
    if name is BrowseListName.POPULAR:
        return parts.target.season is None and bool(parts.name)
    # Links outside the list, such as recommended series, have no date.
    is_dated = name is BrowseListName.CALENDAR and parts.day is not None
    return parts.target.number is not None or is_dated


def _linked(tree: LexborHTMLParser) -> Iterator[RowParts]:
    day = None
    for node in tree.css(_Selectors.PARTS):
        if node.tag != "a":
            day = day_in(text_of(node)) or day
            continue
        target = parse_link(attribute(node, "href"))
        if target is None:
            continue
        image, text = node.css_first("img[alt]"), clean_text(node.text(separator=" "))
        named = (
            text_of(first(node, *_Selectors.NAME)) or clean_text(attribute(image, "alt")) or text
        )
        parts = RowParts(target, named, attribute(image, "data-src"), day=day_in(text) or day)
        parts.read_code(text)
        for label in node.css(_Selectors.LABELS):
            parts.read_time(text_of(label))
            language = language_of_label(text_of(label))
            parts.languages |= {language} if language else set()
        for flag in node.css(_Selectors.FLAGS):
            _read_flag(parts, flag)
        yield parts


def _read_flag(parts: RowParts, node: LexborNode) -> None:
    names = [*attribute(node, "class").split(), attribute(node, "href", "xlink:href")]
    for name in names:
        for start in _FLAG_STARTS:
            if name.startswith(start):
                language = language_of_flag(name.removeprefix(start).lower())
                parts.languages |= {language} if language else set()
    if node.tag == "img":
        language = language_of_flag(flag_name(attribute(node, "data-src", "src")))
        parts.languages |= {language} if language else set()
