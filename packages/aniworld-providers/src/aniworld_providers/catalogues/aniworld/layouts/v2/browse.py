"""Layout v2: browse lists.

Public parsers document only the paths of these pages, not their markup. So the parser takes every
link to a series or episode with the text around it. A page without such a link counts as changed.
"""

from collections.abc import Iterator
from typing import Final

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_providers.catalogues.aniworld.layouts.browse_rows import Parts, merged_rows
from aniworld_providers.catalogues.aniworld.layouts.flags import (
    flag_name,
    language_of_flag,
    language_of_label,
)
from aniworld_providers.catalogues.aniworld.layouts.markup import (
    LexborHTMLParser,
    LexborNode,
    attribute,
    first,
    text_of,
)
from aniworld_providers.catalogues.aniworld.layouts.text_cleanup import day_in, tidy
from aniworld_providers.catalogues.aniworld.links import place_in
from aniworld_providers.catalogues.aniworld.values import ShelfRow


class _At:
    """Selectors."""

    PARTS: Final = 'h1, h2, h3, h4, h5, h6, a[href*="/serie/" i], a[href*="/anime/" i]'
    NAME: Final = (".show-title, .series-title, .card-title", "h3, h4, h5, h6", "strong")
    FLAGS: Final = "svg, use, img"
    LABELS: Final = "small, span, time"


_FLAG_STARTS: Final = ("svg-flag-", "#icon-flag-")


def rows_of_shelf(tree: LexborHTMLParser, shelf: BrowseListName) -> tuple[ShelfRow, ...]:
    """Parse a browse list; return no rows if no link on the page fits it."""
    return merged_rows(parts for parts in _linked(tree) if _belongs(parts, shelf))


def _belongs(parts: Parts, shelf: BrowseListName) -> bool:
    if shelf is BrowseListName.POPULAR:
        return parts.place.season is None and bool(parts.name)
    # Links outside the list, such as recommended series, have no date.
    is_dated = shelf is BrowseListName.CALENDAR and parts.day is not None
    return parts.place.number is not None or is_dated


def _linked(tree: LexborHTMLParser) -> Iterator[Parts]:
    day = None
    for node in tree.css(_At.PARTS):
        if node.tag != "a":
            day = day_in(text_of(node)) or day
            continue
        place = place_in(attribute(node, "href"))
        if place is None:
            continue
        image, text = node.css_first("img[alt]"), tidy(node.text(separator=" "))
        named = text_of(first(node, *_At.NAME)) or tidy(attribute(image, "alt")) or text
        parts = Parts(place, named, attribute(image, "data-src"), day=day_in(text) or day)
        parts.read_code(text)
        for label in node.css(_At.LABELS):
            parts.read_time(text_of(label))
            language = language_of_label(text_of(label))
            parts.languages |= {language} if language else set()
        for flag in node.css(_At.FLAGS):
            _read_flag(parts, flag)
        yield parts


def _read_flag(parts: Parts, node: LexborNode) -> None:
    names = [*attribute(node, "class").split(), attribute(node, "href", "xlink:href")]
    for name in names:
        for start in _FLAG_STARTS:
            if name.startswith(start):
                language = language_of_flag(name.removeprefix(start).lower())
                parts.languages |= {language} if language else set()
    if node.tag == "img":
        language = language_of_flag(flag_name(attribute(node, "data-src", "src")))
        parts.languages |= {language} if language else set()
