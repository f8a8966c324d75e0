"""The links of one Jellyfin server, made and read."""

import re
from typing import Self
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

import attrs

_ID = re.compile(r"[0-9a-f]{32}")
_PORTS = {"http": 80, "https": 443}
#: Wide enough for every page that shows a cover.
_COVER_WIDTH = 600


@attrs.frozen
class JellyfinLinks:
    """Links below one base.

    Attributes:
        base: Where the server lives, without a slash at the end.
    """

    base: str

    @classmethod
    def below(cls, base: str) -> Self:
        """Make the links below a configured base; its web pages count as the base."""
        return cls(base.strip().rstrip("/").removesuffix("/web").rstrip("/"))

    def details(self, item_id: str) -> str:
        """The page of an item."""
        return f"{self.base}/web/#/details?id={item_id}"

    def api(self, path: str) -> str:
        """An address of the interface for programs."""
        return f"{self.base}{path}"

    def download(self, item_id: str) -> str:
        """The original file of an item."""
        return f"{self.base}/Items/{item_id}/Download"

    def subtitle(self, item_id: str, index: int, suffix: str) -> str:
        """A subtitle that lies beside the file of an item, in the format of a suffix."""
        return f"{self.base}/Videos/{item_id}/{item_id}/Subtitles/{index}/Stream.{suffix}"

    def cover(self, item_id: str, tag: str) -> str:
        """The picture of an item; everybody may see it."""
        tag = quote(tag, safe="")
        return f"{self.base}/Items/{item_id}/Images/Primary?tag={tag}&maxWidth={_COVER_WIDTH}"

    def owns(self, link: str) -> bool:
        """Whether a link leads to the server."""
        return self._parts(link) is not None

    def id_in(self, link: str) -> str:
        """The id of the item whose page a link shows, or an empty text.

        Pages are addressed behind the `#`, by old servers with a `!`.
        """
        parts = self._parts(link)
        if parts is None:
            return ""
        query = parts.fragment.partition("?")[2] or parts.query
        try:
            named = parse_qs(query, max_num_fields=50).get("id", [""])
        except ValueError:
            return ""
        return item_id_of(named[0])

    def _parts(self, link: str) -> SplitResult | None:
        """The parts of a link below the base, or `None` for a link to somewhere else."""
        try:
            parts, own = urlsplit(link.strip()), urlsplit(self.base)
            is_here = _place(parts, own) == _place(own, own)
        except ValueError:
            return None
        is_below = f"{parts.path}/".startswith(f"{own.path}/")
        return parts if is_here and is_below and "@" not in parts.netloc else None


def item_id_of(value: object) -> str:
    """Return an id in its usual form, 32 hexadecimal digits, or an empty text if it is none."""
    text = value.replace("-", "").lower() if isinstance(value, str) else ""
    return text if _ID.fullmatch(text) else ""


def _place(parts: SplitResult, own: SplitResult) -> tuple[bool, str, int | None]:
    """Host and port, where a change between http and https makes no difference."""
    is_web = parts.scheme in _PORTS
    port = parts.port or _PORTS.get(parts.scheme)
    own_port = own.port or _PORTS.get(own.scheme)
    is_usual = port in _PORTS.values() and own_port in _PORTS.values()
    return is_web, parts.hostname or "", own_port if is_usual else port
