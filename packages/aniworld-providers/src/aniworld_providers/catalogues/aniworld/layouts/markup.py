"""Parsed pages, and the errors for pages that lack something."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from aniworld_core.messages import Message
from aniworld_providers.catalogues.aniworld.layouts.text_cleanup import clean_text
from aniworld_providers.network.pages import UnreadablePageError
from aniworld_providers.network.pages import parse_html as parse_bounded

__all__ = [
    "DamagedPageError",
    "FailedPageError",
    "LexborHTMLParser",
    "LexborNode",
    "MissingPieceError",
    "NoSuchPageError",
    "attribute",
    "first",
    "is_whole",
    "parse_html",
    "raise_if_error_page",
    "text_of",
]

#: HTTP status codes in the headings of error pages with status 200.
_ERROR_CODE = re.compile(r"(?:error\s+|fehler\s+)?(404|410|500|502|503|504)\b", re.IGNORECASE)


class MissingPieceError(Exception):
    """A page lacks a part that every page of its kind has.

    Attributes:
        piece: Description of the missing part.
    """

    def __init__(self, piece: str) -> None:
        super().__init__(piece)
        self.piece = piece


class DamagedPageError(Exception):
    """A page contradicts itself or is cut off; a second response may be complete."""


class FailedPageError(Exception):
    """A page reports a fault of the site, whatever its status."""


class NoSuchPageError(Exception):
    """A page reports that there is no such page, whatever its status."""


def is_whole(text: str) -> bool:
    """Return whether a page is complete: every page of the sites ends with `</html>`."""
    return "</html" in text or "</html" in text.lower()


def parse_html(text: str) -> LexborHTMLParser:
    """Parse a page in time linear to its length.

    Raises:
        MissingPieceError: If its structure exceeds the bounds of the parser.
    """
    try:
        return parse_bounded(text)
    except UnreadablePageError as error:
        raise MissingPieceError(Message("answer_unparsable")) from error


def first(tree: LexborHTMLParser | LexborNode, *selectors: str) -> LexborNode | None:
    """Return the first match of the first selector that matches anything."""
    for selector in selectors:
        found = tree.css_first(selector)
        if found is not None:
            return found
    return None


def attribute(node: LexborNode | None, *names: str) -> str:
    """Return the first attribute that is not empty, or an empty text."""
    if node is not None:
        attributes = node.attrs
        for name in names:
            value = attributes.get(name)
            if value and value.strip():
                return value.strip()
    return ""


def text_of(node: LexborNode | None) -> str:
    """Return the cleaned text of an element, or an empty text."""
    return clean_text(node.text()) if node is not None else ""


def raise_if_error_page(tree: LexborHTMLParser, *alerts: str) -> None:
    """Raise an error if a page is an error page with status 200.

    Args:
        tree: The page.
        alerts: Selectors that match error pages only.

    Raises:
        NoSuchPageError: If it reports that there is no such page.
        FailedPageError: If it reports a fault.
    """
    headings = tree.css("h2")
    headlines = [text_of(tree.css_first("title")), text_of(tree.css_first("h1"))]
    headlines += [text_of(headings[0])] if len(headings) == 1 else []
    for text in headlines:
        code = _ERROR_CODE.match(text)
        if (code and code[1] in {"404", "410"}) or "nicht gefunden" in text.lower():
            raise NoSuchPageError
        if code:
            raise FailedPageError(code[1])
    if any(tree.css_first(alert) is not None for alert in alerts):
        raise NoSuchPageError
