"""Read JSON Feed (https://jsonfeed.org/version/1.1)."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aniworld_core.messages import Message
from aniworld_providers.catalogues.feed.feed import MOST_ITEMS, Feed, FeedItem, NotAFeedError
from aniworld_providers.catalogues.feed.items import item_id, text_of, unique_items
from aniworld_providers.catalogues.feed.media import link_of, media_of, offer_of, seconds_of

_VERSION: Final = "jsonfeed.org/version/"
_DESCRIPTION: Final = 4000


def read_json_feed(text: str, base: str) -> Feed:
    """Read a feed.

    Args:
        text: The feed.
        base: Its link, for relative links.

    Raises:
        NotAFeedError: If it is no JSON Feed.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotAFeedError(Message("feed_broken_json")) from error
    if not isinstance(found, dict) or _VERSION not in str(found.get("version")):
        raise NotAFeedError(Message("feed_other_json"))
    covers = (link_of(found.get(name), base) for name in ("icon", "favicon"))
    return Feed(
        title=text_of(found.get("title")),
        description=text_of(found.get("description"), _DESCRIPTION),
        cover_url=next(filter(None, covers), None),
        items=unique_items(_items(_objects(found.get("items"))[:MOST_ITEMS], base)),
    )


def _items(raw: list[Mapping[str, Any]], base: str) -> Iterator[FeedItem]:
    for item in raw:
        page = link_of(item.get("url"), base) or link_of(item.get("external_url"), base)
        attached = _objects(item.get("attachments"))
        attachments = [{"url": e.get("url"), "type": e.get("mime_type")} for e in attached]
        durations = [seconds_of(each.get("duration_in_seconds")) for each in attached]
        offers = [offer for each in attachments if (offer := offer_of(each, base)) is not None]
        media, is_audio = media_of(offers, page)
        if media or is_audio:
            first = media[0].url if media else offers[0].media.url
            yield FeedItem(
                id=item_id(item.get("id"), first),
                title=text_of(item.get("title")),
                published=_moment(item.get("date_published")),
                media=media,
                is_audio=is_audio,
                duration=next(filter(None, durations), None),
            )


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _moment(value: object) -> str | None:
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
        if read is None:
            return None
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None
