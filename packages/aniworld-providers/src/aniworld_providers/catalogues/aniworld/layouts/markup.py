"""Pages as trees, with what can go wrong before anything is found in them."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from aniworld_providers.catalogues.aniworld.layouts.text_cleanup import tidy
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

#: Codes of HTTP that pages with status 200 carry in their headings.
_ERROR_CODE = re.compile(r"(?:error\s+|fehler\s+)?(404|410|500|502|503|504)\b", re.IGNORECASE)


class MissingPieceError(Exception):
    """A page lacks something every page of its kind has.

    Attributes:
        piece: What is missing, for people.
    """

    def __init__(self, piece: str) -> None:
        super().__init__(piece)
        self.piece = piece


class DamagedPageError(Exception):
    """A page contradicts itself or ends too early; another answer may be better."""


class FailedPageError(Exception):
    """A page that says, whatever its status, that the site has a fault of its own."""


class NoSuchPageError(Exception):
    """A page that says, whatever its status, that there is nothing here."""


def is_whole(text: str) -> bool:
    """Whether a page has the end that every page of the sites has."""
    return "</html" in text or "</html" in text.lower()


def parse_html(text: str) -> LexborHTMLParser:
    """Parse a page in a time that grows with its length only.

    Raises:
        MissingPieceError: If it is built to keep a parser busy.
    """
    try:
        return parse_bounded(text)
    except UnreadablePageError as error:
        raise MissingPieceError("a page of plausible structure") from error


def first(tree: LexborHTMLParser | LexborNode, *selectors: str) -> LexborNode | None:
    """Return what the first of the selectors finds that finds anything."""
    for selector in selectors:
        found = tree.css_first(selector)
        if found is not None:
            return found
    return None


def attribute(node: LexborNode | None, *names: str) -> str:
    """Return the first of the attributes that is not empty, or an empty text."""
    if node is not None:
        attributes = node.attrs
        for name in names:
            value = attributes.get(name)
            if value and value.strip():
                return value.strip()
    return ""


def text_of(node: LexborNode | None) -> str:
    """Return the tidy text of an element, or an empty one."""
    return tidy(node.text()) if node is not None else ""


def raise_if_error_page(tree: LexborHTMLParser, *alerts: str) -> None:
    """Tell a page that lacks what was looked for from an error page with status 200.

    Args:
        tree: The page.
        alerts: Selectors of what only error pages have.

    Raises:
        NoSuchPageError: If it says that nothing is here.
        FailedPageError: If it tells of a fault.
    """
    headings = tree.css("h2")
    told = [text_of(tree.css_first("title")), text_of(tree.css_first("h1"))]
    told += [text_of(headings[0])] if len(headings) == 1 else []
    for text in told:
        code = _ERROR_CODE.match(text)
        if (code and code[1] in {"404", "410"}) or "nicht gefunden" in text.lower():
            raise NoSuchPageError
        if code:
            raise FailedPageError(code[1])
    if any(tree.css_first(alert) is not None for alert in alerts):
        raise NoSuchPageError
