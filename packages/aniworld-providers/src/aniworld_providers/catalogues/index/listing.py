"""Parse the entries of a folder from the answer of its server.

Supported are multi-status answers of WebDAV (RFC 4918), JSON of nginx (`autoindex_format json`) and
Caddy, and HTML of nginx, Apache and most others. Only direct entries of the folder are returned,
as names, never as addresses.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, urljoin, urlsplit

import attrs

from aniworld_core.documents import XmlError, XmlLimits, read_xml
from aniworld_core.errors import UnusableAnswerError
from aniworld_core.messages import Message
from aniworld_providers.catalogues.index.links import encoded_name, shown_name
from aniworld_providers.network.pages import Page, UnreadablePageError, parse_html

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from selectolax.lexbor import LexborNode

NAME: Final = "index"
SITE: Final = "Directory index"

#: Most entries of a folder.
MOST_ENTRIES: Final = 20_000
#: Most links or responses of a listing to read; some listings name each entry twice.
_MOST_READ: Final = 2 * MOST_ENTRIES
_DAV = "{DAV:}"
#: Servers add elements of their own to each entry, which may be nested.
_XML_LIMITS: Final = XmlLimits(elements=1_000_000, depth=100_000, attributes=64)
_DATE = re.compile(r"\d{1,4}[-/.]\w{2,3}[-/.]\d{2,4}[ T]+\d{1,2}:\d{2}(?::\d{2})?")
#: Most nodes after a link, and characters of each, to search for its date.
_MOST_BESIDE: Final = 8
_LONGEST_BESIDE: Final = 200
_LISTING = re.compile(r"index of|director(?:y|ies)|verzeichnis|listing|\bhref=\"\.\./?\"", re.I)

#: Requests only the used properties.
PROPFIND_BODY: Final = (
    b'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop>'
    b"<resourcetype/><getcontentlength/><getlastmodified/></prop></propfind>"
)


@attrs.frozen
class Entry:
    """An entry of a folder.

    Attributes:
        encoded: Its name, percent-encoded.
        size: Size in bytes, if the listing states it exactly.
        stamp: Time of the last change, as the listing writes it; empty if it states none.
    """

    encoded: str
    is_folder: bool
    size: int | None = None
    stamp: str = attrs.field(default="", eq=False)

    @property
    def name(self) -> str:
        """Its name, decoded for display."""
        return shown_name(self.encoded)


def read_listing(page: Page) -> tuple[Entry, ...] | None:
    """Return the entries of a JSON or HTML listing, or `None` if the answer is not a listing.

    Raises:
        UnusableAnswerError: If it has more than `MOST_ENTRIES` entries.
    """
    start = page.text.lstrip()[:1]
    if start == "[" or page.text.strip() == "null":
        return _bounded(_from_json(page))
    if start != "<":
        return None
    entries = _bounded(_from_html(page))
    return entries if entries or _LISTING.search(page.text, 0, 4096) else None


def read_multistatus(page: Page) -> tuple[Entry, ...]:
    """Return the entries of a multi-status answer, without the folder itself.

    Raises:
        UnusableAnswerError: If it is malformed, or has more than `MOST_ENTRIES` entries.
    """
    what = Message("answer_no_webdav", server=urlsplit(page.url).path)
    try:
        root = read_xml(page.text, _XML_LIMITS, keep_namespaces=True)
    except XmlError as error:
        raise UnusableAnswerError(NAME, what) from error
    if root.tag != f"{_DAV}multistatus":
        raise UnusableAnswerError(NAME, what)
    # Direct children only (RFC 4918, section 14.16): nested ones would be read repeatedly.
    responses = root.findall(f"{_DAV}response")
    if len(responses) > _MOST_READ:
        raise _too_long()
    named = [(_path_in(r.findtext(f"{_DAV}href"), page), r) for r in responses]
    found = [(path, response) for path, response in named if path]
    own = _own_path(page, [path for path, _ in found])
    return _bounded(
        _stamped(_entry_of(path, own, _properties(response)), response) for path, response in found
    )


def _bounded(entries: Iterable[Entry | None]) -> tuple[Entry, ...]:
    found: dict[str, Entry] = {}
    for count, entry in enumerate(entries, 1):
        if entry is not None and entry.encoded:
            found.setdefault(entry.encoded, entry)
        if len(found) > MOST_ENTRIES or count > _MOST_READ:
            raise _too_long()
    return tuple(found.values())


def _too_long() -> UnusableAnswerError:
    return UnusableAnswerError(NAME, Message("answer_too_many_entries", limit=MOST_ENTRIES))


# --- JSON and HTML -------------------------------------------------------------------------


def _from_json(page: Page) -> Iterator[Entry]:
    try:
        listed = json.loads(page.text)
    except (ValueError, RecursionError) as error:
        raise UnusableAnswerError(
            NAME, Message("answer_not_json", path=urlsplit(page.url).path)
        ) from error
    for item in listed or ():
        if not isinstance(item, dict) or not isinstance(item.get("name"), str):
            continue
        # nginx states the type of an entry, Caddy whether it is a folder.
        is_folder = item.get("is_dir") is True or item.get("type") == "directory"
        if not is_folder and item.get("type", "file") != "file":
            continue
        name = item["name"].removesuffix("/") if is_folder else item["name"]
        size = item.get("size")
        is_size = isinstance(size, int) and not isinstance(size, bool) and size > 0
        encoded = encoded_name(quote(name.encode("utf-8", "replace"), safe=""))
        stamp = str(item.get("mtime") or item.get("mod_time") or "")
        yield Entry(encoded, is_folder, size if is_size and not is_folder else None, stamp)


def _from_html(page: Page) -> Iterator[Entry | None]:
    own = _own_path(page, ())
    try:
        tree = parse_html(page.text)
    except UnreadablePageError as error:
        what = Message("answer_unparsable")
        raise UnusableAnswerError(NAME, what) from error
    for link in tree.css("a[href]"):
        href = (link.attributes.get("href") or "").strip()
        # Links with a question mark sort the listing, links with a hash stay on the page.
        if href and not {"?", "#"} & set(href):
            entry = _entry_of(_path_in(href, page), own, None)
            yield attrs.evolve(entry, stamp=_date_beside(link)) if entry is not None else None


def _date_beside(link: "LexborNode") -> str:
    """Return the date after a link: in the same line (nginx) or in the next cells (Apache)."""
    beside = link.next
    if beside is None and link.parent is not None and link.parent.tag == "td":
        beside = link.parent.next
    text = ""
    for _ in range(_MOST_BESIDE):
        if beside is None or beside.tag == "a":
            break
        # Skip the text of inner elements, which have links of their own.
        text += beside.text(deep=False)[:_LONGEST_BESIDE]
        beside = beside.next
    date = _DATE.search(text)
    return date[0] if date else ""


# --- links in answers ----------------------------------------------------------------------


def _path_in(href: str | None, page: Page) -> str:
    """Return the path of a link on the requested server; empty for any other link."""
    if not href:
        return ""
    try:
        asked, parts = urlsplit(page.url), urlsplit(urljoin(page.url, href.strip()))
    except ValueError:
        return ""
    is_here = (parts.scheme, parts.netloc.lower()) == (asked.scheme, asked.netloc.lower())
    return parts.path if is_here else ""


def _own_path(page: Page, listed: Iterable[str]) -> str:
    """Return the path of the folder itself, as its entries start with it.

    Behind a proxy the server may use another path; then it is the shortest listed one.
    """
    asked = f"{urlsplit(page.url).path.rstrip('/')}/"
    paths = [f"{path.rstrip('/')}/" for path in listed]
    if not paths or unquote(asked) in map(unquote, paths):
        return asked
    return min(paths, key=len)


def _entry_of(path: str, own: str, properties: tuple[bool, int | None] | None) -> Entry | None:
    """Return the entry if a path is exactly one name below the folder."""
    rest = path.rstrip("/").split("/", own.count("/"))
    if not unquote(path).startswith(unquote(own)) or len(rest) <= own.count("/"):
        return None
    # Deeper entries still contain a slash, which `encoded_name` rejects.
    is_folder, size = properties or (path.endswith("/"), None)
    return Entry(encoded_name(rest[-1]), is_folder, None if is_folder else size)


def _stamped(entry: Entry | None, response: "Element") -> Entry | None:
    changed = response.findtext(f"{_DAV}propstat/{_DAV}prop/{_DAV}getlastmodified")
    return attrs.evolve(entry, stamp=changed.strip()) if entry and changed else entry


def _properties(response: "Element") -> tuple[bool, int | None]:
    """Return whether it is a folder, and its size."""
    is_folder, size = False, None
    for stat in response.findall(f"{_DAV}propstat"):
        if " 200" not in (stat.findtext(f"{_DAV}status") or " 200"):
            continue
        is_folder |= stat.find(f"{_DAV}prop/{_DAV}resourcetype/{_DAV}collection") is not None
        length = (stat.findtext(f"{_DAV}prop/{_DAV}getcontentlength") or "").strip()
        if length.isascii() and length.isdigit() and len(length) < 19:
            size = int(length) or None
    return is_folder, size
