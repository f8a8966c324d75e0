"""A feed and its items, reduced to what a catalogue needs, and their JSON form."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import attrs

from aniworld_core.domain.media import Chapter, StreamKind

#: Most items of a feed to read, newest first.
MOST_ITEMS: Final = 10_000
#: Most characters of a title.
MOST_TITLE: Final = 300


class NotAFeedError(Exception):
    """The text is no feed; stays inside this catalogue.

    Attributes:
        reason: What it is instead, as a message.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@attrs.frozen(kw_only=True)
class FeedMedia:
    """One file, manifest or page with the video of an item.

    Attributes:
        kind: Format of the media; `None` for a page, or if the feed states none.
        size: Size in bytes, as the feed states it.
        height: Picture height in lines.
        language: Language tag.
    """

    url: str
    kind: StreamKind | None = None
    size: int | None = None
    height: int | None = None
    language: str | None = None


@attrs.frozen(kw_only=True)
class FeedText:
    """A transcript of an item that can be shown as subtitles.

    Attributes:
        language: Language tag.
    """

    url: str
    language: str | None = None


@attrs.frozen(kw_only=True)
class FeedItem:
    """An item with media.

    Attributes:
        id: Its own id, else its first link.
        season: Season number, 0 for a trailer or bonus.
        number: Episode number.
        published: ISO 8601 in UTC.
        media: What can be fetched, preferred first.
        is_audio: Whether it has only audio.
        duration: Seconds, as the feed states them.
        chapters: Chapters in the feed, in order.
        chapters_url: File with its chapters in JSON.
        texts: Transcripts.
    """

    id: str
    title: str = ""
    season: int | None = None
    number: int | None = None
    published: str | None = None
    media: tuple[FeedMedia, ...] = ()
    is_audio: bool = False
    duration: float | None = None
    chapters: tuple[Chapter, ...] = ()
    chapters_url: str | None = None
    texts: tuple[FeedText, ...] = ()
    #: Feeds mark neither live streams nor shorts.
    is_live: ClassVar[bool] = False
    is_short: ClassVar[bool] = False


@attrs.frozen(kw_only=True)
class Feed:
    """A feed.

    Attributes:
        items: Items with media, in the order of the feed, each id once.
    """

    title: str = ""
    description: str = ""
    cover_url: str | None = None
    genres: tuple[str, ...] = ()
    items: tuple[FeedItem, ...] = ()


def feed_to_json(feed: Feed) -> dict[str, Any]:
    """Return a feed as a JSON object."""
    return attrs.asdict(feed)


def feed_from_json(raw: Mapping[str, Any]) -> Feed:
    """Return the feed of a JSON object that `feed_to_json` made."""
    facts = dict(raw)
    items = tuple(item_from_json(item) for item in facts.pop("items"))
    return Feed(**facts | {"genres": tuple(facts["genres"])}, items=items)


def item_from_json(raw: Mapping[str, Any]) -> FeedItem:
    """Return the item of a JSON object."""
    facts = dict(raw)
    media = tuple(
        FeedMedia(**_without_duration(each) | {"kind": each["kind"] and StreamKind(each["kind"])})
        for each in facts.pop("media")
    )
    chapters = tuple(Chapter(**each) for each in facts.pop("chapters", ()))
    texts = tuple(FeedText(**each) for each in facts.pop("texts", ()))
    return FeedItem(**facts, media=media, chapters=chapters, texts=texts)


def _without_duration(media: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored media without the field of former versions, which never had a value."""
    return {name: value for name, value in media.items() if name != "duration"}
