"""Identity and texts of items."""

from collections.abc import Iterable
from urllib.parse import urlsplit

import attrs

from aniworld_core.domain.plain_text import one_line
from aniworld_providers.catalogues.feed.feed import MOST_TITLE, FeedItem
from aniworld_providers.network.pages import plain_text

_LONGEST_ID = 500


def item_id(own: object, link: str) -> str:
    """Return the id of an item: its own, else its link without the query, which may be signed."""
    text = str(own).strip() if isinstance(own, str | int | float) else ""
    return text[:_LONGEST_ID] or _without_query(link)[:_LONGEST_ID]


def unique_items(items: Iterable[FeedItem]) -> tuple[FeedItem, ...]:
    """Return the items, each id and each link once.

    Items with the same id but other media are different: some feeds give one id to all items.
    """
    found: dict[str, FeedItem] = {}
    links: set[str] = set()
    for item in items:
        link = item.media[0].url if item.media else ""
        if link and link in links:
            continue
        links.add(link)
        if item.id in found and link:
            item = attrs.evolve(item, id=f"{item.id} {_without_query(link)}")
        found.setdefault(item.id, item)
    return tuple(found.values())


def text_of(value: object, most: int = MOST_TITLE) -> str:
    """Return a text in one line without HTML and control characters."""
    if not isinstance(value, str):
        return ""
    # HTML is a multiple of its text; what is cut off here is never shown.
    head = value[: 10 * most]
    text = plain_text(head) if "<" in head or "&" in head else head
    return one_line(text, most)


def _without_query(link: str) -> str:
    return urlsplit(link)._replace(query="").geturl()
