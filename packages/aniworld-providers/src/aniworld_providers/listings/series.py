"""The series that a stored list is."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from aniworld_core.domain.catalogue import Episode, ListRules, Series
from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.library import safe_component
from aniworld_providers.listings.choosing import chosen_entries
from aniworld_providers.listings.numbering import Listed, StoredEntry

E = TypeVar("E", bound=Listed)


class StoredList(Protocol[E]):
    """A list with its numbered entries."""

    @property
    def key(self) -> SeriesKey: ...
    @property
    def link(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def cover_url(self) -> str | None: ...
    @property
    def entries(self) -> tuple[StoredEntry[E], ...]: ...


def series_of_list(
    stored: StoredList[E],
    rules: ListRules,
    episode: Callable[[StoredEntry[E]], Episode],
    *,
    provider: str,
    site: str,
    genres: tuple[str, ...] = (),
) -> Series:
    """Return the series of a list with the entries that the rules take.

    Its year is that of the first entry with a date, also of one that the rules leave out.

    Args:
        stored: The list.
        rules: Filters and numbering of the series.
        episode: Makes the episode of an entry.
        provider: Name of the catalogue.
        site: Name of the site, for people.
        genres: Genres of the series.
    """
    chosen, _ = chosen_entries(stored.entries, rules)
    years = [int(each.entry.published[:4]) for each in stored.entries if each.entry.published]
    return Series(
        key=stored.key,
        name=stored.name,
        site=site,
        provider=provider,
        folder=FolderName(safe_component(stored.name, fallback=stored.key)),
        link=stored.link,
        provider_ref=stored.link,
        description=stored.description,
        year=min(years, default=None),
        genres=genres,
        cover_url=stored.cover_url,
        list_rules=rules,
        episodes=tuple(map(episode, chosen)),
    )
