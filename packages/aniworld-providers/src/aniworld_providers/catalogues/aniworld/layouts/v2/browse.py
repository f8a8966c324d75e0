"""Where the second layout keeps its shelves.

Part of `layout_v2`. Only the paths of these pages are known from public readers, not how they
are laid out: so the links to series and episodes are taken with the texts around them, and a
page without any such link counts as changed.
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
    """Selectors, by what they find."""

    PARTS: Final = 'h1, h2, h3, h4, h5, h6, a[href*="/serie/" i], a[href*="/anime/" i]'
    NAME: Final = (".show-title, .series-title, .card-title", "h3, h4, h5, h6", "strong")
    FLAGS: Final = "svg, use, img"
    LABELS: Final = "small, span, time"


_FLAG_STARTS: Final = ("svg-flag-", "#icon-flag-")


def rows_of_shelf(tree: LexborHTMLParser, shelf: BrowseListName) -> tuple[ShelfRow, ...]:
    """Read a shelf; empty if nothing on the page leads to what stands on such a shelf."""
    return merged_rows(parts for parts in _linked(tree) if _belongs(parts, shelf))


def _belongs(parts: Parts, shelf: BrowseListName) -> bool:
    if shelf is BrowseListName.POPULAR:
        return parts.place.season is None and bool(parts.name)
    # A link of the frame around the page, such as to a recommended series, has no day.
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
