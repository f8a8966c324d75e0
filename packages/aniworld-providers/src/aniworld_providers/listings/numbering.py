"""Season and episode numbers for the entries of a list.

A number stays with its entry. New entries get free numbers, so files in the library keep theirs
when a channel grows, or when an entry is removed from its list.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import attrs

from aniworld_core.domain.catalogue import (
    Episode,
    ListOrder,
    ListRules,
    RuledEntry,
    SeasonRule,
    Series,
)
from aniworld_core.domain.identity import MAX_EPISODE


class Listed(RuledEntry, Protocol):
    """An entry of a list."""

    @property
    def id(self) -> str:
        """Return its id in the list."""

    @property
    def season(self) -> int | None:
        """Return the season number that the list gives."""

    @property
    def number(self) -> int | None:
        """Return the episode number that the list gives."""


E = TypeVar("E", bound=Listed)


@attrs.frozen(kw_only=True)
class StoredEntry(Generic[E]):
    """An entry with its place in the series.

    Attributes:
        is_listed: False if a complete listing no longer had it.
    """

    entry: E
    season: int
    number: int
    is_listed: bool = True


@attrs.frozen(kw_only=True)
class Numbering:
    """How entries without a place get their numbers.

    Attributes:
        uses_own: Whether numbers of the site are used.
        by_year: Whether the other entries are divided by year.
        order: Order of the other entries.
        is_single: Whether the list is a single video, which becomes a film.
    """

    uses_own: bool = True
    by_year: bool = False
    order: ListOrder = ListOrder.UPLOADED
    is_single: bool = False

    @classmethod
    def of(cls, rules: ListRules, *, by_year: bool = False, is_single: bool = False) -> "Numbering":
        """Return the numbering of a series.

        Args:
            rules: Rules of the series.
            by_year: Whether unnumbered entries are divided by year if the rules do not say.
            is_single: Whether the list is a single video.
        """
        return cls(
            uses_own=rules.seasons in {None, SeasonRule.SITE},
            by_year=by_year if rules.seasons is None else rules.seasons is SeasonRule.YEAR,
            order=rules.order,
            is_single=is_single,
        )


def merge_entries(
    stored: Sequence[StoredEntry[E]],
    listed: Sequence[E],
    *,
    is_whole: bool,
    numbering: Numbering,
) -> list[StoredEntry[E]]:
    """Return the stored entries with those of a listing, ordered by season and number.

    Args:
        stored: Entries so far.
        listed: Entries of the listing.
        is_whole: Whether the listing reached the end of the list.
        numbering: How new entries get their numbers.
    """
    merged = {
        known.entry.id: attrs.evolve(known, is_listed=False) if is_whole else known
        for known in stored
    }
    taken = {(known.season, known.number) for known in stored}
    added = []
    for entry in listed:
        known = merged.get(entry.id)
        if known is None:
            added.append(entry)
        else:
            merged[entry.id] = attrs.evolve(known, entry=entry, is_listed=True)
    is_numbered = numbering.uses_own and any(
        e.number is not None for e in [*listed, *(s.entry for s in stored)]
    )
    last: dict[int, int] = {}
    for season, number in taken:
        last[season] = max(number, last.get(season, 0))
    # Numbers of the site first: other entries must not take their places.
    in_order = _in_order(added, numbering.order)
    for entry in sorted(in_order, key=lambda e: _own_place(e, numbering) is None):
        place = _own_place(entry, numbering)
        if place is None or place in taken:
            season = _season(entry, numbering, is_numbered=is_numbered)
            place = _free_place(season, last)
        taken.add(place)
        last[place[0]] = max(place[1], last.get(place[0], 0))
        merged[entry.id] = StoredEntry(entry=entry, season=place[0], number=place[1])
    return sorted(merged.values(), key=lambda known: (known.season, known.number))


def _own_place(entry: Listed, numbering: Numbering) -> tuple[int, int] | None:
    if entry.number is None or not numbering.uses_own:
        return None
    return (1 if entry.season is None else entry.season, entry.number)


def _season(entry: Listed, numbering: Numbering, *, is_numbered: bool) -> int:
    if entry.season is not None and numbering.uses_own:
        return entry.season
    if is_numbered or numbering.is_single:
        return 0  # a trailer between numbered episodes, or a film
    if numbering.by_year and entry.published:
        return int(entry.published[:4])
    return 1


def _free_place(season: int, last: Mapping[int, int]) -> tuple[int, int]:
    """Return the number after the last; the season after a full one goes on from 1."""
    while last.get(season, 0) >= MAX_EPISODE:
        season += 1
    return season, last.get(season, 0) + 1


def _in_order(entries: Sequence[E], order: ListOrder) -> Iterable[E]:
    if order is ListOrder.LIST:
        return entries
    return reversed(entries) if order is ListOrder.REVERSED else _oldest_first(entries)


def _oldest_first(entries: Sequence[E]) -> Iterable[E]:
    """Return entries in the order of their dates; without dates in the order of the list."""
    dates = [entry.published for entry in entries]
    if all(dates) and len(set(dates)) > 1:
        in_order = list(entries)
        if str(dates[0]) > str(dates[-1]):
            in_order.reverse()  # keeps the order of entries of the same day
        return sorted(in_order, key=lambda entry: str(entry.published))
    return entries


def entries_of_series(
    series: Series, listed: Sequence[E], placeholder: Callable[[Episode], E]
) -> tuple[StoredEntry[E], ...]:
    """Return stored entries for the episodes of a series whose stored list is lost.

    An episode is the entry with its id, else the only entry with its title. The other episodes
    keep their numbers, so that no other entry gets them.

    Args:
        series: The series of the library.
        listed: Entries of a new listing.
        placeholder: Returns an entry for an episode that the list no longer has.
    """
    by_id = {entry.id: entry for entry in listed}
    by_title: dict[str, list[E]] = {}
    known = {episode.catalogue_id for episode in series.episodes}
    for each in listed:
        if each.title and each.id not in known:
            by_title.setdefault(each.title, []).append(each)
    stored: list[StoredEntry[E]] = []
    for episode in series.episodes:
        found = by_id.get(episode.catalogue_id)
        if not episode.catalogue_id:
            same = by_title.pop(episode.titles.en or episode.titles.de or "", [])
            found = same[0] if len(same) == 1 else None
        stored.append(
            StoredEntry(
                entry=placeholder(episode) if found is None else found,
                season=episode.season,
                number=episode.number,
                is_listed=found is not None,
            )
        )
    return tuple(stored)
