"""Parse HTML within bounds: in time linear to its length, in a worker thread with a time limit."""

import re
from collections.abc import Callable
from functools import partial
from math import comb
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import anyio
import anyio.to_thread

from aniworld_core.errors import (
    UnusableAnswerError,
)
from aniworld_core.messages import Message

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds to parse one page; real pages take a hundredth of it.
PARSE_SECONDS: Final = 15.0
#: Most start tags of a page; the largest real pages have a twentieth.
_MOST_TAGS: Final = 1_000_000
#: Limit of start tags times depth, which bounds the work of a parser; real pages need a tenth.
_MOST_STEPS: Final = 50_000_000
#: Limit of start tags times the combinations of three ancestors. It bounds the work of a selector
#: with four parts, such as `div ul li a`, when its first part is missing.
_MOST_TRIES: Final = 300_000_000
#: Largest depth to measure; deeper trees count as this deep.
_DEEPEST: Final = 512
_MOST_ATTRIBUTES: Final = 300
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)")
#: A start tag as an HTML tokenizer reads it; the group matches if it has too many attributes.
#: After a quoted value no space is needed, a name may begin with an equals sign, and only HTML
#: whitespace separates. All quantifiers are possessive, so matching is linear.
_CROWDED_TAG = re.compile(
    r"<[a-zA-Z][^ \t\n\f\r>/]*+"
    r"(?:[ \t\n\f\r/]*+[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+"
    r"(?:[ \t\n\f\r]*+=[ \t\n\f\r]*+(?:\"[^\"]*+\"|'[^']*+'|[^ \t\n\f\r>]++))?+)"
    rf"{{0,{_MOST_ATTRIBUTES}}}+([ \t\n\f\r/]*+[^ \t\n\f\r/>])?+"
)
_COMMENT = re.compile(r"<!--(?:[^-]++|-(?!->))*+(?:-->)?+")
#: Tags without nesting: empty elements, or elements that the next one of their kind closes.
_FLAT: Final = frozenset(
    {"area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link"}
    | {"meta", "option", "p", "source", "td", "th", "tr", "wbr"}
)


async def parse_in_worker(
    provider: str, parse: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Call *parse* in a worker thread so that the event loop stays responsive.

    Use it only for work in bounded, linear time: a thread cannot be stopped, only abandoned.

    Raises:
        UnusableAnswerError: If it takes longer than `PARSE_SECONDS`.
        What *parse* raises.
    """
    try:
        with anyio.fail_after(PARSE_SECONDS):
            return await anyio.to_thread.run_sync(
                partial(parse, *args, **kwargs), abandon_on_cancel=True
            )
    except TimeoutError as error:
        what = Message("answer_slow", limit_seconds=PARSE_SECONDS)
        raise UnusableAnswerError(provider, what) from error


class UnreadablePageError(Exception):
    """A page whose structure would take a parser or a selector too long."""


def parse_html(text: str) -> "LexborHTMLParser":
    """Parse a page after checking how much work it can cause.

    Raises:
        UnreadablePageError: If it has too many tags, attributes or levels.
    """
    from selectolax.lexbor import LexborHTMLParser

    starts, depth = _size(text)
    if starts * depth > _MOST_STEPS:
        # Tags inside comments do not nest.
        text = _COMMENT.sub("", text)
        starts, depth = _size(text)
    if starts > _MOST_TAGS or starts * depth > _MOST_STEPS:
        raise UnreadablePageError("too many tags")
    if any(_CROWDED_TAG.findall(text)):
        raise UnreadablePageError("too many attributes")
    tree = LexborHTMLParser(text)
    # The estimated depth includes elements that are never closed but end with their parent.
    if starts * comb(depth, 3) > _MOST_TRIES and starts * comb(_depth_of(tree), 3) > _MOST_TRIES:
        raise UnreadablePageError("too many levels")
    return tree


def _size(text: str) -> tuple[int, int]:
    """Return the number of start tags in a text and the largest possible depth."""
    starts = text.count("<") - text.count("</")
    if starts * comb(starts, 3) <= _MOST_TRIES:
        return starts, starts
    if starts > _MOST_TAGS:
        return starts, starts
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
    return starts, deepest


def _depth_of(tree: "LexborHTMLParser") -> int:
    """Return the depth of a tree, at most `_DEEPEST`."""
    least, most = 0, _DEEPEST
    while least < most:
        tried = (least + most + 1) // 2
        if tree.css_first(" > ".join(["*"] * tried)) is None:
            most = tried - 1
        else:
            least = tried
    return least


def plain_text(html: str) -> str:
    """Return the text of a piece of HTML in one line, without scripts and styles.

    Args:
        html: The piece; its length is bounded by the caller.
    """
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(html)
    tree.strip_tags(["script", "style", "head"])
    words = tree.body.text(separator=" ") if tree.body else ""
    return " ".join(words.split())
