"""Redirects: quote links for sending and resolve `Location` headers."""

import re
from typing import Final

import attrs
from yarl import URL

from aniworld_core.errors import AddressRefusedError, InvalidLinkError, shown_link
from aniworld_core.messages import Message

#: Longest chain of redirects to follow, as in browsers.
MOST_REDIRECTS: Final = 20
_LONGEST: Final = 64 * 1024
_AUTHORITY: Final = re.compile(
    r"((?:[a-z][a-z0-9+.-]{0,20}:)?//)([^/?#]*)", re.IGNORECASE | re.ASCII
)
#: Bytes to quote where a link holds them raw. Control characters and backslashes are not quoted:
#: parsers disagree about them, so the guard refuses them.
_UNSAFE: Final = frozenset(b' "<>') | frozenset(range(128, 256))
_QUOTED: Final = {byte: f"%{byte:02X}" for byte in _UNSAFE}


@attrs.frozen
class Hop:
    """The target of a redirect.

    Attributes:
        link: The link.
        other: The same link with its text in UTF-8, if the server wrote it in Latin-1. Some
            servers write names in Latin-1 but read them as UTF-8.
    """

    link: URL
    other: URL | None = None


def sent_link(url: str) -> URL:
    """Return a link as it is sent, quoted only where needed because signatures cover the rest.

    Raises:
        InvalidLinkError: If it is not a link.
    """
    try:
        return URL(_quoted(url.strip()), encoded=True).with_fragment(None)
    except ValueError as exc:
        raise InvalidLinkError(url, Message("not_a_link")) from exc


def next_hop(base: URL, location: str) -> Hop:
    """Return the target of a `Location` header.

    Args:
        base: The requested link.
        location: The header, decoded as UTF-8 with surrogates for all other bytes.

    Raises:
        AddressRefusedError: If it is not a link.
    """
    text = location.strip()
    raw = text.encode("utf-8", "surrogateescape")
    try:
        if not raw or len(raw) > _LONGEST:
            raise ValueError(len(raw))  # noqa: TRY301 - one way out for all that is no link
        link = base.join(URL(_quoted(text), encoded=True)).with_fragment(None)
        try:
            raw.decode()
        except UnicodeDecodeError:
            other = URL(_quoted(raw.decode("latin-1")), encoded=True)
            return Hop(link, base.join(other).with_fragment(None))
    except ValueError as exc:
        raise AddressRefusedError(
            shown_link(_quoted_bytes(text)), Message("redirect_to_no_link")
        ) from exc
    return Hop(link)


def loop_text(links: list[URL], again: URL) -> Message:
    """Describe a redirect loop by its links."""
    first = links.index(again)
    names = [shown_link(str(link)) for link in (*links[first:], again)]
    shown = names if len(names) <= 4 else [*names[:3], "…", names[-1]]
    return Message("redirect_loop", links=shown)


def _quoted(text: str) -> str:
    """Quote characters that links must not contain; convert the host to ASCII (RFC 5891)."""
    match = _AUTHORITY.match(text)
    if match is None or match[2].isascii():
        return _quoted_bytes(text)
    host = URL(f"http://{match[2]}/").raw_authority
    return f"{match[1]}{host}{_quoted_bytes(text[match.end() :])}"


def _quoted_bytes(text: str) -> str:
    raw = text.encode("utf-8", "surrogateescape")
    if not _UNSAFE.intersection(raw):
        return text
    return "".join(_QUOTED.get(byte) or chr(byte) for byte in raw)
