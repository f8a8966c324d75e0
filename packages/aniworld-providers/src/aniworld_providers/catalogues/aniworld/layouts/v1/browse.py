"""Layout v1: browse lists (popular series, new episodes, calendar)."""

from collections.abc import Iterator
from typing import Final

from aniworld_core.domain.catalogue import BrowseListName
from aniworld_providers.catalogues.aniworld.layouts.browse_rows import (
    LIST_NAMES,
    RowParts,
    merged_rows,
)
from aniworld_providers.catalogues.aniworld.layouts.flags import flag_name, language_of_flag
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
from aniworld_providers.catalogues.aniworld.layouts.v1.season import ALERT
from aniworld_providers.catalogues.aniworld.links import parse_link
from aniworld_providers.catalogues.aniworld.values import BrowseRow

#: Texts that only real pages with browse lists contain.
BROWSE_MARKS: Final = ("newEpisodeList", "calendarList", "col-md-15 col-sm-3 col-xs-6")


class _Selectors:
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


_NEWS_PARTS: Final = ", ".join(f"{_Selectors.NEWS} {part}" for part in _Selectors.NEWS_PARTS)


def parse_browse_list(name: BrowseListName, text: str) -> tuple[BrowseRow, ...]:
    """Parse a browse list.

    Raises:
        MissingPieceError: If the page has no such list.
    """
    tree = parse_html(text)
    rows = _rows(tree, name)
    if rows is None:
        raise_if_error_page(tree, ALERT)
        raise MissingPieceError(LIST_NAMES[name])
    return rows


def _rows(tree: LexborHTMLParser, name: BrowseListName) -> tuple[BrowseRow, ...] | None:
    if name is BrowseListName.POPULAR:
        return merged_rows(_cards(tree)) or None
    container = _Selectors.NEWS if name is BrowseListName.NEW else _Selectors.CALENDAR
    if tree.css_first(container) is None:
        return None
    return merged_rows(_news(tree) if name is BrowseListName.NEW else _calendar(tree))


def _cards(tree: LexborHTMLParser) -> Iterator[RowParts]:
    for card in tree.css(_Selectors.CARDS):
        target = parse_link(attribute(card, "href"))
        image = card.css_first("img")
        name = text_of(card.css_first(_Selectors.CARD_NAME)) or clean_text(attribute(image, "alt"))
        if target is not None and target.season is None and name:
            yield RowParts(target, name, _picture(image))


def _news(tree: LexborHTMLParser) -> Iterator[RowParts]:
    parts: RowParts | None = None
    for node in tree.css(_NEWS_PARTS):
        if node.tag == "a":
            target = parse_link(attribute(node, "href"))
            if target is not None and target.number is not None:
                if parts is not None:
                    yield parts
                parts = RowParts(target)
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


def _calendar(tree: LexborHTMLParser) -> Iterator[RowParts]:
    day = None
    for node in tree.css(_Selectors.CALENDAR_PARTS):
        if node.tag == "h3":
            # A heading without a date may be part of an entry.
            day = day_in(text_of(node)) or day
            continue
        target = parse_link(attribute(node, "href"))
        if target is None:
            continue
        parts = RowParts(target, text_of(first(node, *_Selectors.CALENDAR_NAME)), day=day)
        for small in node.css("small"):
            text = text_of(small)
            _ = parts.read_code(text) or parts.read_time(text)
        for image in node.css(_Selectors.FLAGS):
            _read_flag(parts, image)
        yield parts


def _read_flag(parts: RowParts, image: LexborNode) -> None:
    language = language_of_flag(flag_name(attribute(image, "data-src", "src")))
    if language is not None:
        parts.languages.add(language)


def _picture(image: LexborNode | None) -> str:
    for name in ("data-src", "src"):
        link = attribute(image, name)
        if link and not link.startswith("data:"):
            return link
    return ""
