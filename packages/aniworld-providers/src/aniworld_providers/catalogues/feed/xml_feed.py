"""Read RSS, Atom, Media RSS and podcast feeds with feedparser, within limits."""

import re
from calendar import timegm
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from aniworld_core.documents import MalformedXmlError, XmlError, XmlLimits, read_xml
from aniworld_core.messages import Message
from aniworld_providers.catalogues.feed.chapters import (
    chapters_link,
    language_of,
    simple_chapters,
    texts_of,
)
from aniworld_providers.catalogues.feed.feed import MOST_ITEMS, Feed, FeedItem, NotAFeedError
from aniworld_providers.catalogues.feed.items import item_id, text_of, unique_items
from aniworld_providers.catalogues.feed.media import (
    link_of,
    media_of,
    offer_of,
    seconds_of,
    whole_of,
)

_LIMITS: Final = XmlLimits(elements=400_000, depth=200, attributes=64)
#: What precedes the first element.
_HEAD: Final = re.compile(r"[^<]*+(?:<[^\w][^<]*+)*+")
_SPECIALS: Final = frozenset({"trailer", "bonus"})
_DESCRIPTION: Final = 4000


def read_xml_feed(text: str, base: str) -> Feed:
    """Read a feed; faults in its XML are tolerated.

    Args:
        text: The feed.
        base: Its link, for relative links.

    Raises:
        NotAFeedError: If it is no feed, declares a document type or exceeds a limit.
    """
    from aniworld_providers.catalogues.feed.podcast_elements import parse_feed

    _check(text)
    found = parse_feed(text)
    if not found.version and not found.entries:
        raise NotAFeedError(Message("feed_other_xml"))
    # As plain objects: feedparser's own return other fields for missing ones.
    return _feed(dict(found.feed), [dict(entry) for entry in found.entries], base)


def _check(text: str) -> None:
    """Refuse bombs before the tolerant parser reads the text.

    Raises:
        NotAFeedError: If it declares a document type or exceeds a limit.
    """
    try:
        read_xml(text, _LIMITS)
    except MalformedXmlError as error:
        # The strict reader has stopped at the fault; the rest is checked without it.
        head = _HEAD.match(text)
        declares = head is not None and "<!" in head[0].replace("<!--", "")
        if declares or text.count("<") > 2 * _LIMITS.elements:
            raise NotAFeedError(Message("feed_hostile_xml", detail=str(error))) from error
    except XmlError as error:
        raise NotAFeedError(Message("feed_hostile_xml", detail=str(error))) from error


def _feed(channel: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], base: str) -> Feed:
    image = channel.get("image")
    covers = [image.get("href"), image.get("url")] if isinstance(image, Mapping) else []
    covers += [channel.get("logo"), *(t.get("url") for t in _maps(channel, "media_thumbnail"))]
    tags = (text_of(tag.get("term"), 100) for tag in _maps(channel, "tags"))
    return Feed(
        title=text_of(channel.get("title")),
        description=text_of(channel.get("subtitle") or channel.get("summary"), _DESCRIPTION),
        cover_url=next(filter(None, (link_of(each, base) for each in covers)), None),
        genres=tuple(dict.fromkeys(filter(None, tags)))[:20],
        items=unique_items(_items(entries[:MOST_ITEMS], base, language_of(channel))),
    )


def _items(
    entries: Iterable[Mapping[str, Any]], base: str, language: str | None
) -> Iterator[FeedItem]:
    for entry in entries:
        page = _page(entry, base)
        enclosures = [link for link in _maps(entry, "links") if link.get("rel") == "enclosure"]
        listed = [*_maps(entry, "media_content"), *enclosures]
        offers = [offer for raw in listed if (offer := offer_of(raw, base)) is not None]
        player = entry.get("media_player")
        if isinstance(player, Mapping):
            raw = {"url": player.get("url"), "type": "text/html"}
            offers += [offer for offer in [offer_of(raw, base)] if offer is not None]
        media, is_audio = media_of(offers, page)
        if not media and not is_audio:
            continue
        is_special = text_of(entry.get("itunes_episodetype")).lower() in _SPECIALS
        first = media[0].url if media else next(o.media.url for o in offers)
        yield FeedItem(
            id=item_id(entry.get("id"), first),
            title=text_of(entry.get("itunes_title") or entry.get("title")),
            season=0 if is_special else _number(entry, "season"),
            number=None if is_special else _number(entry, "episode"),
            published=_moment(entry),
            media=media,
            is_audio=is_audio,
            duration=_duration(entry),
            chapters=simple_chapters(entry),
            chapters_url=chapters_link(entry, base),
            texts=texts_of(entry, base, language),
        )


def _duration(entry: Mapping[str, Any]) -> float | None:
    stated = [
        entry.get("itunes_duration"),
        *(m.get("duration") for m in _maps(entry, "media_content")),
    ]
    return next(filter(None, map(seconds_of, stated)), None)


def _page(entry: Mapping[str, Any], base: str) -> str:
    """Return the link of an item's page; a guid counts only as an absolute link."""
    alternate = [x.get("href") for x in _maps(entry, "links") if x.get("rel") == "alternate"]
    return next(filter(None, (link_of(each, base) for each in alternate)), "") or link_of(
        entry.get("link"), ""
    )


def _maps(entry: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    listed = entry.get(name)
    return (
        [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    )


def _number(entry: Mapping[str, Any], name: str) -> int | None:
    """Return a number of the namespace of iTunes or of Podcasting 2.0."""
    return whole_of(entry.get(f"itunes_{name}"), 9999) or whole_of(
        entry.get(f"podcast_{name}"), 9999
    )


def _moment(entry: Mapping[str, Any]) -> str | None:
    for name in ("published_parsed", "created_parsed", "updated_parsed"):
        parsed = entry.get(name)
        try:
            if parsed:
                return datetime.fromtimestamp(timegm(parsed), UTC).isoformat()
        except (ValueError, OverflowError, OSError):
            continue
    return None
