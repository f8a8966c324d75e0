"""Decide how the numbers in a series' files count: within a season or through all seasons."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from aniworld_core.domain.catalogue import Series

#: Numbers above it count through all seasons: no season is that long.
_LONG_SEASON: Final = 100
#: Season and number of an episode of the catalogue.
Place = tuple[int, int]


class Counting(StrEnum):
    """How numbers count that have no season in the file's own name."""

    PER_SEASON = "per_season"
    ABSOLUTE = "absolute"


@attrs.frozen
class Claim:
    """Numbers of a file that can be understood in two ways.

    Attributes:
        season: Season of the folder; `None` if the file is in no season folder.
        numbers: The numbers.
    """

    season: int | None
    numbers: tuple[int, ...]


@attrs.frozen
class EpisodeTable:
    """Episodes of a series by place and by absolute number; films and specials have no such.

    Attributes:
        places: Season and number, also of each number of a double episode -> its episode.
        absolute: Absolute number -> season and number of the episode.
        seasons: Regular seasons, ascending.
    """

    places: Mapping[Place, Place]
    absolute: Mapping[int, Place]
    seasons: tuple[int, ...]

    @classmethod
    def of(cls, series: Series) -> "EpisodeTable":
        """Return the table of a series.

        If the numbers of the catalogue run on through the seasons, they are the absolute ones.
        Otherwise the highest number of a season ends it.
        """
        places = {
            (episode.season, number): (episode.season, episode.number)
            for episode in series.episodes
            for number in range(episode.number, (episode.last_number or episode.number) + 1)
        }
        regular = [place for place in sorted(places) if place[0] > 0]
        seasons = tuple(dict.fromkeys(season for season, _ in regular))
        numbers = [number for _, number in regular]
        if len(set(numbers)) == len(numbers):
            absolute = {number: places[season, number] for season, number in regular}
        else:
            absolute = {}
            before = 0
            for season in seasons:
                own = [number for each, number in regular if each == season]
                absolute |= {before + number: places[season, number] for number in own if number}
                before += max(own)
        return cls(MappingProxyType(places), MappingProxyType(absolute), seasons)

    def within_season(self, claim: Claim) -> tuple[Place, ...]:
        """Return the episodes of numbers that count within their season, or the first season."""
        season = claim.season
        if season is None:
            season = self.seasons[0] if self.seasons else 0
        if len(claim.numbers) == 1:  # most files
            place = self.places.get((season, claim.numbers[0]))
            return () if place is None else (place,)
        return self._existing(self.places.get((season, number)) for number in claim.numbers)

    def through_seasons(self, claim: Claim) -> tuple[Place, ...]:
        """Return the episodes of numbers that count through all seasons."""
        return self._existing(self.absolute.get(number) for number in claim.numbers)

    @staticmethod
    def _existing(found: Iterable[Place | None]) -> tuple[Place, ...]:
        return tuple(dict.fromkeys(place for place in found if place is not None))


def foreign_seasons(table: EpisodeTable, claims: Sequence[Claim]) -> frozenset[int]:
    """Return the seasons of folders that the catalogue lacks, and whose numbers may be their own.

    `Season 3/01` is not the first episode of all in a series without a third season. Numbers go on
    through all seasons only if those of a folder follow those of the folders before it, or are too
    high for one season.
    """
    lowest: dict[int, int] = {}
    highest: dict[int, int] = {}
    for claim in claims:
        if claim.season is not None:
            low, high = min(claim.numbers), max(claim.numbers)
            lowest[claim.season] = min(low, lowest.get(claim.season, low))
            highest[claim.season] = max(high, highest.get(claim.season, high))
    foreign = set()
    for season in lowest.keys() - set(table.seasons) - {0}:
        before = [high for each, high in highest.items() if each < season]
        if lowest[season] <= max(before, default=_LONG_SEASON):
            foreign.add(season)
    return frozenset(foreign)


def decide_counting(table: EpisodeTable, claims: Sequence[Claim]) -> Counting:
    """Return the way of counting that fits the catalogue best, for all files of a series.

    A way fits a file if it leads to an episode. Counting through all seasons contradicts a season
    folder whose season has that number but would not be meant. If both ways fit equally, the
    numbers count through all seasons only if every later season folder begins where the seasons
    before it end.
    """
    fits = {Counting.PER_SEASON: 0, Counting.ABSOLUTE: 0}
    for claim in claims:
        fits[Counting.PER_SEASON] += bool(table.within_season(claim))
        if is_contradiction(table, claim):
            fits[Counting.ABSOLUTE] -= 1
        else:
            fits[Counting.ABSOLUTE] += bool(table.through_seasons(claim))
    if fits[Counting.ABSOLUTE] != fits[Counting.PER_SEASON]:
        return max(fits, key=lambda way: fits[way])
    return Counting.ABSOLUTE if _begins_behind(table, claims) else Counting.PER_SEASON


def is_contradiction(table: EpisodeTable, claim: Claim) -> bool:
    """Return whether counting through all seasons contradicts the season folder of a file.

    It does if the season has that number, but an episode of another season would be meant.
    """
    if claim.season is None or not table.within_season(claim):
        return False
    return any(season != claim.season for season, _ in table.through_seasons(claim))


def _begins_behind(table: EpisodeTable, claims: Sequence[Claim]) -> bool:
    """Return whether each later season folder begins with the first absolute number of it."""
    firsts = {
        season: min(number for number, place in table.absolute.items() if place[0] == season)
        for season in table.seasons[1:]
    }
    lowest: dict[int, int] = {}
    for claim in claims:
        if claim.season in firsts:
            low = min(claim.numbers)
            lowest[claim.season] = min(low, lowest.get(claim.season, low))
    return bool(lowest) and all(low >= firsts[season] for season, low in lowest.items())
