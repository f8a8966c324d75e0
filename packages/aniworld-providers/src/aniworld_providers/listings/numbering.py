"""Season and episode numbers for the entries of a list.

A number stays with its entry. New entries get free numbers, so files in the library keep theirs
when a channel grows, or when an entry is removed from its list.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import attrs

from aniworld_core.domain.identity import MAX_EPISODE


class Listed(Protocol):
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

    @property
    def published(self) -> str | None:
        """Return its date, or date and time, in ISO 8601."""


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


def merge_entries(
    stored: Sequence[StoredEntry[E]],
    listed: Sequence[E],
    *,
    is_whole: bool,
    by_year: bool,
    is_single: bool = False,
) -> list[StoredEntry[E]]:
    """Return the stored entries with those of a listing, ordered by season and number.

    Args:
        stored: Entries so far.
        listed: Entries of the listing.
        is_whole: Whether the listing reached the end of the list.
        by_year: Whether entries without numbers are divided by year.
        is_single: Whether it is a single video, which becomes a film.
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
    is_numbered = any(e.number is not None for e in [*listed, *(s.entry for s in stored)])
    last: dict[int, int] = {}
    for season, number in taken:
        last[season] = max(number, last.get(season, 0))
    # Numbers of the site first: other entries must not take their places.
    ordered = sorted(_oldest_first(added), key=lambda entry: entry.number is None)
    for entry in ordered:
        place = _own_place(entry)
        if place is None or place in taken:
            season = _season(entry, is_numbered=is_numbered, by_year=by_year, is_single=is_single)
            place = _free_place(season, last)
        taken.add(place)
        last[place[0]] = max(place[1], last.get(place[0], 0))
        merged[entry.id] = StoredEntry(entry=entry, season=place[0], number=place[1])
    return sorted(merged.values(), key=lambda known: (known.season, known.number))


def _own_place(entry: Listed) -> tuple[int, int] | None:
    if entry.number is None:
        return None
    return (1 if entry.season is None else entry.season, entry.number)


def _season(entry: Listed, *, is_numbered: bool, by_year: bool, is_single: bool) -> int:
    if entry.season is not None:
        return entry.season
    if is_numbered or is_single:
        return 0  # a trailer between numbered episodes, or a film
    if by_year and entry.published:
        return int(entry.published[:4])
    return 1


def _free_place(season: int, last: Mapping[int, int]) -> tuple[int, int]:
    """Return the number after the last; the season after a full one goes on from 1."""
    while last.get(season, 0) >= MAX_EPISODE:
        season += 1
    return season, last.get(season, 0) + 1


def _oldest_first(entries: Sequence[E]) -> Iterable[E]:
    """Return entries in the order of their dates; without dates in the order of the list."""
    dates = [entry.published for entry in entries]
    if all(dates) and len(set(dates)) > 1:
        in_order = list(entries)
        if str(dates[0]) > str(dates[-1]):
            in_order.reverse()  # keeps the order of entries of the same day
        return sorted(in_order, key=lambda entry: str(entry.published))
    return entries
