"""Addresses of folders and files below one base.

Inside, a folder is a tuple of percent-encoded names. An address is only ever put together from
the base and such names, so that nothing a listing says can lead away from it.
"""

import re
from typing import Final, Self
from urllib.parse import SplitResult, quote, unquote, unquote_to_bytes, urlsplit

import attrs

#: No file system has longer names.
_LONGEST_NAME: Final = 1020
_TROUBLE = re.compile(r"[\x00-\x1f\x7f/\\]")
_PORTS = {"http": 80, "https": 443}


@attrs.frozen
class IndexLinks:
    """Links below one base.

    Attributes:
        base: The address of the topmost folder, without a slash at the end.
    """

    base: str

    @classmethod
    def below(cls, base: str) -> Self:
        """Make the links below a configured base."""
        return cls(base.strip().partition("#")[0].partition("?")[0].rstrip("/"))

    def folder(self, *names: str) -> str:
        """The address of a folder, as servers want it: with a slash at the end."""
        return "".join(f"{part}/" for part in (self.base, *names))

    def file(self, *names: str) -> str:
        """The address of a file."""
        return "/".join((self.base, *names))

    def owns(self, link: str) -> bool:
        """Whether a link leads to the base or below it."""
        return self._rest(link) is not None

    def top_folder_in(self, link: str) -> str:
        """The name of the topmost folder a link leads into, or an empty text."""
        return encoded_name((self._rest(link) or "").partition("/")[0])

    def _rest(self, link: str) -> str | None:
        """What follows the base in a link, or `None` for a link to somewhere else."""
        try:
            parts, own = urlsplit(link.strip()), urlsplit(self.base)
            is_here = _place(parts, own) == _place(own, own)
        except ValueError:
            return None
        start, path = unquote(f"{own.path}/"), f"{parts.path}/"
        if not is_here or "@" in parts.netloc or not unquote(path).startswith(start):
            return None
        # The base may be written in either way, so its names are counted, not its letters.
        return path.split("/", start.count("/"))[-1]


def encoded_name(raw: str) -> str:
    """Return one name of a link in the one way it is written here, percent-encoded.

    The bytes of the name stay what they are, also where they are no UTF-8.

    Returns:
        An empty text for what can be no name of a folder's own: `..`, a hidden slash, controls.
    """
    encoded = quote(unquote_to_bytes(raw), safe="")
    name = shown_name(encoded)
    if name in {"", ".", ".."} or _TROUBLE.search(name) or len(encoded) > 3 * _LONGEST_NAME:
        return ""
    return encoded


def shown_name(encoded: str) -> str:
    """Return a name as people read it."""
    return unquote(encoded, errors="replace")


def _place(parts: SplitResult, own: SplitResult) -> tuple[bool, str, int | None]:
    """Host and port, where a change between http and https makes no difference."""
    is_web = parts.scheme in _PORTS
    port = parts.port or _PORTS.get(parts.scheme)
    own_port = own.port or _PORTS.get(own.scheme)
    is_usual = port in _PORTS.values() and own_port in _PORTS.values()
    return is_web, parts.hostname or "", own_port if is_usual else port
