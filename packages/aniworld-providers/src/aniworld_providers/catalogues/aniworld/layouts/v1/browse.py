"""Layout v1: browse lists (popular series, new episodes, calendar)."""

from collections.abc import Iterator
from typing import Final

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_providers.catalogues.aniworld.layouts.browse_rows import Parts, merged_rows
from aniworld_providers.catalogues.aniworld.layouts.flags import flag_name, language_of_flag
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

#: Texts that only real pages with browse lists contain.
SHELF_MARKS: Final = ("newEpisodeList", "calendarList", "col-md-15 col-sm-3 col-xs-6")


class _At:
    """Selectors."""

    CARDS: Final = "div.col-md-15 a[href], .coverListItem a[href]"
    CARD_NAME: Final = "h3"
    NEWS: Final = "div.newEpisodeList"
    #: One selector for all parts, because flags stand beside their links; the tag shows the part.
    NEWS_PARTS: Final = ("a[href]", "strong", "span.elementFloatRight", "img.flag")
    CALENDAR: Final = "section.calendarList"
    CALENDAR_PARTS: Final = f"{CALENDAR} h3, {CALENDAR} a[href]"
    CALENDAR_NAME: Final = (".seriesTitle", "h3", "strong")
    FLAGS: Final = "img.flag, img[src*='/img/'], img[data-src*='/img/']"


_NEWS_PARTS: Final = ", ".join(f"{_At.NEWS} {part}" for part in _At.NEWS_PARTS)


def rows_of_shelf(tree: LexborHTMLParser, shelf: BrowseListName) -> tuple[ShelfRow, ...] | None:
    """Parse a browse list; return `None` if the page has none."""
    if shelf is BrowseListName.POPULAR:
        return merged_rows(_cards(tree)) or None
    container = _At.NEWS if shelf is BrowseListName.NEW else _At.CALENDAR
    if tree.css_first(container) is None:
        return None
    return merged_rows(_news(tree) if shelf is BrowseListName.NEW else _calendar(tree))


def _cards(tree: LexborHTMLParser) -> Iterator[Parts]:
    for card in tree.css(_At.CARDS):
        place = place_in(attribute(card, "href"))
        image = card.css_first("img")
        name = text_of(card.css_first(_At.CARD_NAME)) or tidy(attribute(image, "alt"))
        if place is not None and place.season is None and name:
            yield Parts(place, name, _picture(image))


def _news(tree: LexborHTMLParser) -> Iterator[Parts]:
    parts: Parts | None = None
    for node in tree.css(_NEWS_PARTS):
        if node.tag == "a":
            place = place_in(attribute(node, "href"))
            if place is not None and place.number is not None:
                if parts is not None:
                    yield parts
                parts = Parts(place)
        elif parts is None:
            continue
        elif node.tag == "strong":
            parts.name = parts.name or text_of(node)
        elif node.tag == "span":
            parts.day = parts.day or day_in(text_of(node))
        else:
            _read_flag(parts, node)
    if parts is not None:
        yield parts


def _calendar(tree: LexborHTMLParser) -> Iterator[Parts]:
    day = None
    for node in tree.css(_At.CALENDAR_PARTS):
        if node.tag == "h3":
            # A heading without a date may be part of an entry.
            day = day_in(text_of(node)) or day
            continue
        place = place_in(attribute(node, "href"))
        if place is None:
            continue
        parts = Parts(place, text_of(first(node, *_At.CALENDAR_NAME)), day=day)
        for small in node.css("small"):
            text = text_of(small)
            _ = parts.read_code(text) or parts.read_time(text)
        for image in node.css(_At.FLAGS):
            _read_flag(parts, image)
        yield parts


def _read_flag(parts: Parts, image: LexborNode) -> None:
    language = language_of_flag(flag_name(attribute(image, "data-src", "src")))
    if language is not None:
        parts.languages.add(language)


def _picture(image: LexborNode | None) -> str:
    for name in ("data-src", "src"):
        link = attribute(image, name)
        if link and not link.startswith("data:"):
            return link
    return ""
