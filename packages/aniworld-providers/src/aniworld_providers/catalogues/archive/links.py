"""Links of the Archive: build and parse them."""

import re
from typing import Self
from urllib.parse import quote, unquote, urlsplit

import attrs

from aniworld_providers.network.pages import is_same_server

#: First path segments that are followed by an identifier.
_ITEM_PAGES = frozenset({"details", "download", "embed", "metadata", "stream"})
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


@attrs.frozen
class ArchiveLinks:
    """Links below one base URL.

    Attributes:
        base: Base URL, without a slash at the end.
    """

    base: str

    @classmethod
    def below(cls, base: str) -> Self:
        """Return the links below a configured base URL."""
        return cls(base.strip().rstrip("/"))

    def details(self, identifier: str) -> str:
        """Return the link of an item's page."""
        return f"{self.base}/details/{quote(identifier)}"

    def metadata(self, identifier: str) -> str:
        """Return the link of an item's metadata in JSON."""
        return f"{self.base}/metadata/{quote(identifier)}"

    def cover(self, identifier: str) -> str:
        """Return the link of an item's cover."""
        return f"{self.base}/services/img/{quote(identifier)}"

    def file(self, identifier: str, name: str) -> str:
        """Return the link of a file; the site redirects to the server that has it."""
        return f"{self.base}/download/{quote(identifier)}/{quote(name)}"

    def owns(self, link: str) -> bool:
        """Return whether a link leads below the base URL."""
        return self._path(link) is not None

    def identifier_in(self, link: str) -> str:
        """Return the identifier in a link, or an empty text."""
        page, _, rest = (self._path(link) or "").partition("/")
        identifier = unquote(rest.partition("/")[0])
        return identifier if page in _ITEM_PAGES and is_identifier(identifier) else ""

    def _path(self, link: str) -> str | None:
        """Return the path of a link below the base URL, or `None` for another link."""
        try:
            parts = urlsplit(link.strip())
            own = urlsplit(self.base)
            is_here = is_same_server(parts, own, ignore_www=True)
        except ValueError:
            return None
        start = f"{own.path}/"
        if not is_here or "@" in parts.netloc or not parts.path.startswith(start):
            return None
        return parts.path.removeprefix(start)


def is_identifier(raw: str) -> bool:
    """Return whether a text could be an identifier."""
    return _IDENTIFIER.fullmatch(raw) is not None
