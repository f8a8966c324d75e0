"""A stored feed: its items with the numbers that they were given."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from aniworld_core.domain.catalogue import ListOrder
from aniworld_core.domain.identity import SeriesKey
from aniworld_providers.catalogues.feed.feed import Feed, FeedItem, item_from_json
from aniworld_providers.listings import Numbering, StoredEntry, merge_entries


@attrs.frozen(kw_only=True)
class StoredFeed:
    """A feed as its answers gave it.

    Attributes:
        digest: SHA-256 of the last answer; an equal one has nothing new.
        entries: Items by season and number, those that left the feed included.
    """

    key: SeriesKey
    link: str
    name: str
    description: str
    cover_url: str | None
    genres: tuple[str, ...]
    digest: str
    entries: tuple[StoredEntry[FeedItem], ...]


def stored_to_json(stored: StoredFeed) -> Mapping[str, Any]:
    """Return a stored feed as a JSON object."""
    return attrs.asdict(stored)


def stored_from_json(raw: dict[str, Any]) -> StoredFeed:
    """Return the stored feed of a JSON object.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: If it has another form.
    """
    entries = tuple(
        StoredEntry(
            entry=item_from_json(each["entry"]),
            season=int(each["season"]),
            number=int(each["number"]),
            is_listed=bool(each["is_listed"]),
        )
        for each in raw.pop("entries")
    )
    return StoredFeed(**raw | {"genres": tuple(raw["genres"])}, entries=entries)


def merge_feed(
    stored: Sequence[StoredEntry[FeedItem]], feed: Feed, numbering: Numbering
) -> tuple[StoredEntry[FeedItem], ...]:
    """Return the stored items with those of the feed; numbers once given stay.

    A feed shows its newest items only. One that is missing among them was removed. An older one,
    or one without date, only left the feed, and its media stay.
    """
    items: Sequence[FeedItem] = feed.items
    if numbering.order is ListOrder.UPLOADED:
        # The dates have decided; the common order would only see items that all have one.
        items, numbering = _oldest_first(items), attrs.evolve(numbering, order=ListOrder.LIST)
    merged = merge_entries(stored, items, is_whole=True, numbering=numbering)
    dates = [item.published for item in feed.items if item.published]
    oldest = min(dates, default="")
    was_listed = {s.entry.id for s in stored if s.is_listed}
    return tuple(
        attrs.evolve(s, is_listed=True)
        if not s.is_listed
        and s.entry.id in was_listed
        and (not s.entry.published or not oldest or s.entry.published <= oldest)
        else s
        for s in merged
    )


def _oldest_first(items: Sequence[FeedItem]) -> Sequence[FeedItem]:
    """Return items in the order of their dates; one without date is beside its neighbour."""
    dates = [item.published for item in items]
    known = [date for date in dates if date]
    # Feeds list the newest item first, unless their dates say otherwise.
    is_ascending = len(known) > 1 and known[0] < known[-1]
    ordered = list(items) if is_ascending else list(reversed(items))
    latest = known[0] if is_ascending else known[-1] if known else ""
    return [item for _, item in sorted(_dated(ordered, latest), key=lambda pair: pair[0])]


def _dated(items: Iterable[FeedItem], first: str) -> list[tuple[str, FeedItem]]:
    dated, last = [], first
    for item in items:
        last = item.published or last
        dated.append((last, item))
    return dated
