"""Links of one Jellyfin server: build and parse them."""

import re
from typing import Self
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

import attrs

from aniworld_providers.network.pages import is_same_server

_ID = re.compile(r"[0-9a-f]{32}")
#: Width in pixels, enough for every page that shows a cover.
_COVER_WIDTH = 600


@attrs.frozen
class JellyfinLinks:
    """Links below one base URL.

    Attributes:
        base: Base URL of the server, without a slash at the end.
    """

    base: str

    @classmethod
    def below(cls, base: str) -> Self:
        """Return the links below a configured base URL, which may be that of the web client."""
        return cls(base.strip().rstrip("/").removesuffix("/web").rstrip("/"))

    def details(self, item_id: str) -> str:
        """Return the link of an item's page."""
        return f"{self.base}/web/#/details?id={item_id}"

    def api(self, path: str) -> str:
        """Return the address of an API path."""
        return f"{self.base}{path}"

    def download(self, item_id: str) -> str:
        """Return the link of an item's original file."""
        return f"{self.base}/Items/{item_id}/Download"

    def subtitle(self, item_id: str, index: int, suffix: str) -> str:
        """Return the link of a subtitle file beside an item, in the format of *suffix*."""
        return f"{self.base}/Videos/{item_id}/{item_id}/Subtitles/{index}/Stream.{suffix}"

    def cover(self, item_id: str, tag: str) -> str:
        """Return the link of an item's cover, which needs no credentials."""
        tag = quote(tag, safe="")
        return f"{self.base}/Items/{item_id}/Images/Primary?tag={tag}&maxWidth={_COVER_WIDTH}"

    def owns(self, link: str) -> bool:
        """Return whether a link leads to the server."""
        return self._parts(link) is not None

    def id_in(self, link: str) -> str:
        """Return the id of the item in a page link, or an empty text.

        The id is in the fragment, which old servers start with `!`.
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
        """Return the parts of a link below the base URL, or `None` for another link."""
        try:
            parts, own = urlsplit(link.strip()), urlsplit(self.base)
            is_here = is_same_server(parts, own)
        except ValueError:
            return None
        is_below = f"{parts.path}/".startswith(f"{own.path}/")
        return parts if is_here and is_below and "@" not in parts.netloc else None


def item_id_of(value: object) -> str:
    """Return an id as 32 lower-case hexadecimal digits, or an empty text if it is not an id."""
    text = value.replace("-", "").lower() if isinstance(value, str) else ""
    return text if _ID.fullmatch(text) else ""
