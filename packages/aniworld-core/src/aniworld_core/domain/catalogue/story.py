"""Sequels and prequels of a series, and the seasons that they are in its catalogue.

Some metadata sources list each season, or half of one, as an entry of its own. Their relations
say in which order the entries follow each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs

#: Formats of entries that are a season or a part of one.
_SEASON_KINDS: Final = frozenset({"tv", "tv_short", "ona"})
#: Most episodes by which a season differs from its entry, such as a recap that one of them counts.
_SLACK: Final = 2
#: Relation of an entry to itself in its story.
SELF: Final = "self"
PREQUEL: Final = "prequel"
SEQUEL: Final = "sequel"


@attrs.frozen(kw_only=True)
class AirDate:
    """When an episode is first shown.

    Attributes:
        season: Season of the episode; `None` if the source counts no seasons.
        number: Number of the episode in its season.
        at: The time, with a time zone.
    """

    number: int
    at: datetime
    season: int | None = None


@attrs.frozen(kw_only=True)
class RelatedEntry:
    """Another entry of the same source.

    Attributes:
        relation: Kind of the relation in lower case, such as `sequel`, `prequel` or `parent`.
        id: Id of the other entry.
        title: Its title.
        titles: All of its titles, where known.
        kind: Format in lower case, such as `tv`; empty if unknown.
        year: Year of its first episode.
        episode_count: Number of its episodes.
        air_dates: Air dates of its episodes, if it was read whole.
    """

    relation: str
    id: str
    title: str
    titles: tuple[str, ...] = ()
    kind: str = ""
    year: int | None = None
    episode_count: int | None = None
    air_dates: tuple[AirDate, ...] = ()


@attrs.frozen(kw_only=True)
class SeasonPart:
    """A later entry of a story and its place in the catalogue of a series.

    Attributes:
        ordinal: Position among the seasons and parts of seasons of the story, from 2.
        season: Season of the catalogue.
        before: Number of episodes of the season that come before the part.
        count: Number of its episodes; `None` if unknown.
        year: Year of its first episode; `None` if unknown.
        titles: Titles that only this part has.
    """

    ordinal: int
    season: int
    before: int = 0
    count: int | None = None
    year: int | None = None
    titles: tuple[str, ...] = ()

    def numbers_in_season(self, numbers: Sequence[int]) -> tuple[int, ...] | None:
        """Return the numbers in the season of numbers that a name of the part states.

        They count from 1 in each part, or run on through the season.

        Returns:
            `None` if both are possible, or neither is.
        """
        restarted = self.count is None or all(n <= self.count for n in numbers)
        is_behind = all(n > self.before for n in numbers)
        runs_on = (
            self.before > 0
            and is_behind
            and (self.count is None or all(n <= self.before + self.count for n in numbers))
        )
        if restarted == runs_on:
            return None
        return tuple(n + self.before for n in numbers) if restarted else tuple(numbers)


def following(related: Iterable[RelatedEntry], relation: str) -> RelatedEntry | None:
    """Return the entry that continues a story in one direction, or `None`.

    A film continues it only if no season does. Two candidates are a fork: nobody can say which of
    them comes next.

    Args:
        related: Relations of an entry.
        relation: `SEQUEL` or `PREQUEL`.
    """
    fitting = [entry for entry in related if entry.relation == relation]
    seasons = [entry for entry in fitting if entry.kind in _SEASON_KINDS]
    found = seasons or [entry for entry in fitting if entry.kind == "movie"]
    return found[0] if len(found) == 1 else None


def has_unclear_start(related: Iterable[RelatedEntry]) -> bool:
    """Return whether an entry has prequels among which the story cannot be followed."""
    kinds = {*_SEASON_KINDS, "movie"}
    prequels = [e for e in related if e.relation == PREQUEL and e.kind in kinds]
    return bool(prequels) and following(prequels, PREQUEL) is None


def seasons_of_story(
    story: Sequence[RelatedEntry], seasons: Mapping[int, int]
) -> tuple[tuple[RelatedEntry, int, int], ...]:
    """Return the entries of a story with their seasons in a catalogue.

    The entries are laid along the seasons in order: one or more whole entries fill a season. The
    last season may be incomplete. If the numbers of episodes do not fit, there are as many entries
    as seasons, and each differs by at most two episodes, they belong together one by one.

    Args:
        story: All entries in order, the one of the series with the relation `SELF`.
        seasons: Regular season -> highest number that the catalogue lists.

    Returns:
        Entry, season, and number of episodes of the season before it. Nothing if the entries do
        not fit the seasons, or the series is only one of the entries.
    """
    entries = [entry for entry in story if entry.kind in _SEASON_KINDS]
    own = next((entry for entry in entries if entry.relation == SELF), None)
    if own is None or len(entries) < 2 or not seasons:
        return ()
    ordered = sorted(seasons.items())
    if len(ordered) == 1 and own.episode_count in (None, ordered[0][1]):
        return ()
    places = _laid_along(entries, ordered) or _one_by_one(entries, ordered)
    # Entries behind the last season are not in the catalogue yet.
    return tuple((entry, *place) for entry, place in zip(entries, places, strict=False))


def season_parts(
    story: Sequence[RelatedEntry], seasons: Mapping[int, int], known_titles: Iterable[str] = ()
) -> tuple[SeasonPart, ...]:
    """Return the later parts of a story with their seasons in a catalogue.

    Args:
        story: As for `seasons_of_story`.
        seasons: As for `seasons_of_story`.
        known_titles: Titles of the series; they name no part.
    """
    known = {title.casefold() for title in known_titles}
    parts = []
    for ordinal, (entry, season, before) in enumerate(seasons_of_story(story, seasons), start=1):
        others = {t.casefold() for e in story if e.id != entry.id for t in (e.title, *e.titles)}
        titles = dict.fromkeys((entry.title, *entry.titles))
        parts.append(
            SeasonPart(
                ordinal=ordinal,
                season=season,
                before=before,
                count=entry.episode_count,
                year=entry.year,
                titles=tuple(t for t in titles if t.casefold() not in others | known),
            )
        )
    return tuple(parts[1:])


def _laid_along(
    entries: Sequence[RelatedEntry], seasons: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return season and number of episodes before for each entry, as far as seasons go."""
    places: list[tuple[int, int]] = []
    for season, size in seasons:
        is_last = season == seasons[-1][0]
        before = 0
        while before < size:
            count = entries[len(places)].episode_count if len(places) < len(entries) else 0
            if count is None and is_last:
                count = size - before
            if not count or (before + count > size and not is_last):
                return []
            places.append((season, before))
            before += count
    return places


def _one_by_one(
    entries: Sequence[RelatedEntry], seasons: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    if len(entries) != len(seasons):
        return []
    for entry, (season, size) in zip(entries, seasons, strict=True):
        is_last = season == seasons[-1][0]
        count = entry.episode_count
        is_partial = is_last and count is not None and size < count
        if count is not None and not is_partial and abs(count - size) > _SLACK:
            return []
    return [(season, 0) for season, _ in seasons]
