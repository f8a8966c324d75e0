"""OPML: lists of feeds that feed readers and podcast programs exchange (https://opml.org)."""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from aniworld_core.documents import XmlError, XmlLimits, read_xml
from aniworld_core.domain.catalogue import SeriesSummary
from aniworld_core.domain.plain_text import one_line
from aniworld_core.errors import InvalidOpmlError
from aniworld_core.messages import Message

#: Largest OPML file in bytes.
MAX_OPML_BYTES: Final = 4 * 1024**2
#: Most outlines; a large collection has a tenth.
_LIMITS: Final = XmlLimits(elements=20_000, depth=64, attributes=64)
#: Name of the catalogue of feeds.
FEEDS: Final = "feed"
_HTML: Final = re.compile(
    r"\s*+(?:<\?xml[^>]*+>\s*+)?+(?:<!--(?:[^-]++|-(?!->))*+-->\s*+)?+"
    r"<(?:!doctype\s++html|html|head|body)\b",
    re.IGNORECASE,
)
#: Bytes or characters at the start of a document in which a web page shows itself.
_START: Final = 10_000


def feeds_in_opml(text: str | bytes) -> Sequence[str]:
    """Return the links of the feeds in an OPML document, each once, with the prefix `feed:`.

    Args:
        text: The document; bytes are decoded as it declares.

    Raises:
        InvalidOpmlError: If it is no OPML document, or names no feed.
    """
    if _is_web_page(text):
        raise InvalidOpmlError(Message("opml_html_page"))
    try:
        root = read_xml(text, _LIMITS)
    except XmlError as error:
        raise InvalidOpmlError(error.args[0]) from error
    if root.tag.lower() != "opml":
        raise InvalidOpmlError(Message("opml_other_xml"))
    links = (_feed_of(outline) for outline in root.iter("outline"))
    found = list(dict.fromkeys(link for link in links if link))
    if not found:
        raise InvalidOpmlError(Message("opml_without_feeds"))
    return [f"{FEEDS}:{link}" for link in found]


def opml_of(feeds: Iterable[SeriesSummary]) -> str:
    """Return an OPML 2.0 document of series that are feeds; others are left out."""
    root = Element("opml", version="2.0")
    SubElement(SubElement(root, "head"), "title").text = "Aniworld"
    body = SubElement(root, "body")
    for series in feeds:
        if series.provider == FEEDS:
            name, link = one_line(series.name), one_line(series.link)
            SubElement(body, "outline", type="rss", text=name, xmlUrl=link)
    indent(root)
    text: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _feed_of(outline: Element) -> str:
    """Return the link of an outline; programs write the name of the attribute in several ways."""
    for name, value in outline.attrib.items():
        if name.lower() == "xmlurl":
            return value.strip().removeprefix(f"{FEEDS}:")
    return ""


def _is_web_page(text: str | bytes) -> bool:
    """Return whether a text is HTML, in any encoding that has ASCII letters."""
    start = text[:_START]
    if isinstance(start, bytes):
        start = start.replace(b"\0", b"").decode("latin-1").removeprefix("\xef\xbb\xbf")
    return _HTML.match(start.removeprefix("\ufeff")) is not None
