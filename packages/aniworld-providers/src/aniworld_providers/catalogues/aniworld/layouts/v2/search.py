"""Layout v2: page with search results."""

from collections.abc import Sequence
from typing import Final

from aniworld_core.messages import Message
from aniworld_providers.catalogues.aniworld.layouts.markup import (
    LexborNode,
    MissingPieceError,
    attribute,
    first,
    parse_html,
    text_of,
)
from aniworld_providers.catalogues.aniworld.layouts.text_cleanup import clean_text
from aniworld_providers.catalogues.aniworld.values import Hit


class _Selectors:
    """Selectors."""

    RESULTS: Final = ".results-group"
    CARDS: Final = ".results-group .card"
    HEADING: Final = "h1, h2, h3, h4, h5, h6, .card-title"


def parse_results(text: str) -> Sequence[Hit]:
    """Parse a page with search results.

    Raises:
        MissingPieceError: If it has no list of results.
    """
    tree = parse_html(text)
    if tree.css_first(_Selectors.RESULTS) is None:
        raise MissingPieceError(Message("piece_hits"))
    return [_card(card) for card in tree.css(_Selectors.CARDS)]


def _card(card: LexborNode) -> Hit:
    link = card if card.tag == "a" else card.css_first("a[href]")
    image = first(card, "img[alt]")
    heading = first(card, _Selectors.HEADING)
    return Hit(
        target=attribute(link, "href"),
        name=text_of(heading) or clean_text(attribute(image, "alt")) or text_of(link),
        cover=attribute(image, "data-src", "src"),
    )
