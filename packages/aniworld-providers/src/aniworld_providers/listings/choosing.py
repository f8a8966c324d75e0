"""Which stored entries of a list are episodes, and what a preview shows of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from aniworld_core.domain.catalogue import (
    LeftOut,
    ListPreview,
    ListRules,
    PreviewEntry,
    choose_entries,
)
from aniworld_core.messages import Message
from aniworld_providers.listings.numbering import Listed, StoredEntry

E = TypeVar("E", bound=Listed)


def chosen_entries(
    stored: Sequence[StoredEntry[E]], rules: ListRules
) -> tuple[list[StoredEntry[E]], Mapping[LeftOut, int]]:
    """Return the stored entries that the filters take, and why others are left out.

    Entries that left the list never count as the newest, so that they do not replace others.
    """
    taken, counts = choose_entries([s.entry for s in stored if s.is_listed], rules)
    gone: list[E] = []
    if rules.newest is None:
        gone, _ = choose_entries([s.entry for s in stored if not s.is_listed], rules)
    ids = {entry.id for entry in (*taken, *gone)}
    return [s for s in stored if s.entry.id in ids], counts


def preview_of(
    stored: Sequence[StoredEntry[E]],
    rules: ListRules,
    *,
    name: str,
    link: str,
    limit: int,
    describe: Callable[[StoredEntry[E]], tuple[str | None, Message | None]],
) -> ListPreview:
    """Return what rules take from a list.

    Args:
        stored: Entries of the list with their numbers.
        rules: The rules.
        name: Name of the list.
        link: Link of the list.
        limit: Most entries to return.
        describe: Returns the page of an entry, and why it cannot be downloaded.
    """
    listed = [s for s in stored if s.is_listed]
    taken, counts = chosen_entries(listed, rules)
    entries = []
    for each in taken[:limit]:
        page, unavailable = describe(each)
        published = each.entry.published
        entries.append(
            PreviewEntry(
                season=each.season,
                number=each.number,
                title=each.entry.title,
                link=page,
                published=published and published[:10],
                duration=each.entry.duration,
                unavailable=unavailable,
            )
        )
    return ListPreview(
        name=name,
        link=link,
        total=len(listed),
        taken=len(taken),
        left_out=counts,
        entries=tuple(entries),
    )
