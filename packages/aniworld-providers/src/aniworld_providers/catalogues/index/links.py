"""Links of folders and files below one base URL.

A folder is a tuple of percent-encoded names. Every address is made of the base URL and such names,
so no entry of a listing can lead outside it.
"""

import re
from typing import Final, Self
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

import attrs

from aniworld_providers.network.pages import is_same_server

#: Longest file name of common file systems, in bytes.
_LONGEST_NAME: Final = 1020
_TROUBLE = re.compile(r"[\x00-\x1f\x7f/\\]")


@attrs.frozen
class IndexLinks:
    """Links below one base URL.

    Attributes:
        base: Address of the top folder, without a slash at the end.
    """

    base: str

    @classmethod
    def below(cls, base: str) -> Self:
        """Return the links below a configured base URL."""
        return cls(base.strip().partition("#")[0].partition("?")[0].rstrip("/"))

    def folder(self, *names: str) -> str:
        """Return the address of a folder, with the slash at the end that servers expect."""
        return "".join(f"{part}/" for part in (self.base, *names))

    def file(self, *names: str) -> str:
        """Return the address of a file."""
        return "/".join((self.base, *names))

    def owns(self, link: str) -> bool:
        """Return whether a link leads to the base URL or below it."""
        return self._rest(link) is not None

    def top_folder_in(self, link: str) -> str:
        """Return the name of the top folder in a link, or an empty text."""
        return encoded_name((self._rest(link) or "").partition("/")[0])

    def _rest(self, link: str) -> str | None:
        """Return the part of a link after the base URL, or `None` for another link."""
        try:
            parts, own = urlsplit(link.strip()), urlsplit(self.base)
            is_here = is_same_server(parts, own)
        except ValueError:
            return None
        start, path = unquote(f"{own.path}/"), f"{parts.path}/"
        if not is_here or "@" in parts.netloc or not unquote(path).startswith(start):
            return None
        # The base may be percent-encoded differently, so count its segments, not its characters.
        return path.split("/", start.count("/"))[-1]


def encoded_name(raw: str) -> str:
    """Return one name of a link in canonical percent-encoding.

    The bytes of the name stay unchanged, even if they are not UTF-8.

    Returns:
        An empty text for invalid names: `..`, an encoded slash, control characters.
    """
    encoded = quote(unquote_to_bytes(raw), safe="")
    name = shown_name(encoded)
    if name in {"", ".", ".."} or _TROUBLE.search(name) or len(encoded) > 3 * _LONGEST_NAME:
        return ""
    return encoded


def shown_name(encoded: str) -> str:
    """Return a decoded name for display."""
    return unquote(encoded, errors="replace")
