"""The links of an archive, made and read."""

import re
from typing import Self
from urllib.parse import SplitResult, quote, unquote, urlsplit

import attrs

#: Pages of the site whose next part names an item.
_ITEM_PAGES = frozenset({"details", "download", "embed", "metadata", "stream"})
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_PORTS = {"http": 80, "https": 443}


@attrs.frozen
class ArchiveLinks:
    """Links below one base.

    Attributes:
        base: Where the archive lives, without a slash at the end.
    """

    base: str

    @classmethod
    def below(cls, base: str) -> Self:
        """Make the links below a configured base."""
        return cls(base.strip().rstrip("/"))

    def details(self, identifier: str) -> str:
        """The page of an item."""
        return f"{self.base}/details/{quote(identifier)}"

    def metadata(self, identifier: str) -> str:
        """What is known about an item, as JSON."""
        return f"{self.base}/metadata/{quote(identifier)}"

    def cover(self, identifier: str) -> str:
        """The picture of an item."""
        return f"{self.base}/services/img/{quote(identifier)}"

    def file(self, identifier: str, name: str) -> str:
        """A file of an item; the site redirects to wherever it lies at the time."""
        return f"{self.base}/download/{quote(identifier)}/{quote(name)}"

    def owns(self, link: str) -> bool:
        """Whether a link leads below the base."""
        return self._path(link) is not None

    def identifier_in(self, link: str) -> str:
        """The identifier a link names, or an empty text."""
        page, _, rest = (self._path(link) or "").partition("/")
        identifier = unquote(rest.partition("/")[0])
        return identifier if page in _ITEM_PAGES and is_identifier(identifier) else ""

    def _path(self, link: str) -> str | None:
        """The path of a link below the base, or `None` for a link to somewhere else."""
        try:
            parts = urlsplit(link.strip())
            own = urlsplit(self.base)
            is_here = _place(parts, own) == _place(own, own)
        except ValueError:
            return None
        start = f"{own.path}/"
        if not is_here or "@" in parts.netloc or not parts.path.startswith(start):
            return None
        return parts.path.removeprefix(start)


def is_identifier(raw: str) -> bool:
    """Whether a text could name an item."""
    return _IDENTIFIER.fullmatch(raw) is not None


def _place(parts: SplitResult, own: SplitResult) -> tuple[bool, str, int | None]:
    """Host and port, where `www.` and a change between http and https make no difference."""
    is_web = parts.scheme in _PORTS
    host = (parts.hostname or "").removeprefix("www.")
    port = parts.port or _PORTS.get(parts.scheme)
    own_port = own.port or _PORTS.get(own.scheme)
    is_usual = port in _PORTS.values() and own_port in _PORTS.values()
    return is_web, host, own_port if is_usual else port
