"""Pages as trees, with what can go wrong before anything is found in them."""

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from aniworld_providers.catalogues.aniworld.wording import tidy

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
    "raise_if_error_page",
    "text_of",
    "tree_of",
]

#: Start tags times depth: what a parser may have to walk; true pages need a tenth of it.
_MOST_STEPS: Final = 50_000_000
_MOST_ATTRIBUTES: Final = 300
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)")
#: A start tag as a tokenizer reads it; the group matches if it has too many attributes. Behind a
#: quoted value the next one needs no space, a name may begin with an equals sign, and blanks are
#: those of HTML alone. It never gives back what it took, so that it stays linear.
_CROWDED_TAG = re.compile(
    r"<[a-zA-Z][^ \t\n\f\r>/]*+"
    r"(?:[ \t\n\f\r/]*+[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+"
    r"(?:[ \t\n\f\r]*+=[ \t\n\f\r]*+(?:\"[^\"]*+\"|'[^']*+'|[^ \t\n\f\r>]++))?+)"
    rf"{{0,{_MOST_ATTRIBUTES}}}+([ \t\n\f\r/]*+[^ \t\n\f\r/>])?+"
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
#: Tags that nest nothing: they are empty, or the next one of their kind ends them.
_FLAT: Final = frozenset(
    {"area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link"}
    | {"meta", "option", "p", "source", "td", "th", "tr", "wbr"}
)
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


def tree_of(text: str) -> LexborHTMLParser:
    """Parse a page in a time that grows with its length only.

    Raises:
        MissingPieceError: If it is built to keep a parser busy.
    """
    if _steps(text) > _MOST_STEPS:
        # What is commented out nests nothing, but is rarely worth a look.
        text = _COMMENT.sub("", text)
        if _steps(text) > _MOST_STEPS:
            raise MissingPieceError("a page of plausible structure")
    if any(_CROWDED_TAG.findall(text)):
        raise MissingPieceError("a page of plausible structure")
    return LexborHTMLParser(text)


def _steps(text: str) -> int:
    """Bound what parsing takes: the parser looks through all open elements at many tags."""
    starts = text.count("<") - text.count("</")
    if starts * starts <= _MOST_STEPS:
        return starts * starts
    opened: dict[str, int] = {}
    depth = deepest = 0
    for closing, name in _TAG.findall(text):
        if name in _FLAT:
            continue
        count = opened.get(name, 0)
        if not closing:
            opened[name] = count + 1
            depth += 1
            deepest = max(deepest, depth)
        elif count:
            opened[name] = count - 1
            depth -= 1
    return starts * deepest


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
