"""Delay between the first version of an episode and a version in another language.

The range is a distribution-free prediction interval: of *n* observations and the next one, every
order is equally likely, so the next one lies between the smallest and the largest with the
probability (n - 1) / (n + 1).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from typing import Final, TypeAlias

import attrs

from aniworld_core.domain.catalogue import VersionSeen
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import Language

#: Fewest observations of a range.
FEWEST: Final = 4
#: Probability that a range must have after values at its ends are left out.
ENOUGH: Final = 0.7
#: Smallest probability of a range.
_LEAST: Final = 0.5
#: Longest range; a longer one is of no use.
_WIDEST: Final = timedelta(days=45)
#: Distance from the median beyond which a delay is an outlier, in median absolute deviations.
_FAR: Final = 6
#: Smallest median absolute deviation, so that equal delays do not make others outliers.
_SMALLEST_SPREAD: Final = timedelta(hours=12)


@attrs.frozen(kw_only=True)
class DelayRange:
    """Range in which the delay of the next version is expected.

    Attributes:
        shortest: Start of the range.
        longest: End of the range.
        confidence: Probability that the delay is in the range, between 0 and 1.
        episodes: Number of earlier episodes that it was learned from.
        of_series: Whether they are episodes of the same series.
    """

    shortest: timedelta
    longest: timedelta
    confidence: float
    episodes: int
    of_series: bool = True


def delay_range(delays: Collection[timedelta]) -> DelayRange | None:
    """Return the range of the next delay; `None` if the observations allow no promise.

    Outliers are left out and lower the confidence.
    """
    count = len(delays)
    if count < FEWEST:
        return None
    ordered = sorted(delays)
    middle = _median(ordered)
    spread = max(_median([abs(d - middle) for d in ordered]), _SMALLEST_SPREAD)
    # Outliers are few: delays on two days of the week, both common, are one range.
    fewest = ceil(_LEAST * (count + 1)) + 1
    nearest = sorted(range(count), key=lambda index: abs(ordered[index] - middle))
    kept = [
        index
        for rank, index in enumerate(nearest)
        if rank < fewest or abs(ordered[index] - middle) <= spread * _FAR
    ]
    first, last = min(kept), max(kept)
    # Narrower by one value at each end, as long as the rest is likely enough.
    while last - first >= 4 and (last - first - 2) / (count + 1) >= ENOUGH:
        first, last = first + 1, last - 1
    confidence = (last - first) / (count + 1)
    if confidence < _LEAST or ordered[last] - ordered[first] > _WIDEST:
        return None
    return DelayRange(
        shortest=ordered[first], longest=ordered[last], confidence=confidence, episodes=count
    )


#: Series, season and number of an episode.
Place: TypeAlias = tuple[SeriesKey, int, int]


@attrs.frozen(eq=False)
class ReleaseDelays:
    """Observed delays by language and series, and the known starts of episodes."""

    _by_language: Mapping[Language, Mapping[SeriesKey, Sequence[timedelta]]]
    _starts: Mapping[Place, datetime]

    @classmethod
    def learned(
        cls, seen: Collection[VersionSeen], air_dates: Mapping[Place, datetime]
    ) -> "ReleaseDelays":
        """Learn the delays from the first listings of versions.

        An episode starts with its broadcast or with its first version, whichever was earlier; an
        episode of which neither is known teaches nothing.

        Args:
            seen: Observed versions; the first listing of each counts.
            air_dates: Known times of broadcasts.
        """
        starts = dict(air_dates)
        versions: dict[tuple[Place, Language], datetime] = {}
        first: defaultdict[Place, set[Language]] = defaultdict(set)
        for each in sorted(seen, key=lambda each: each.at):
            place = (each.key, each.season, each.number)
            versions.setdefault((place, each.language), each.at)
            if each.is_first:
                first[place].add(each.language)
                starts[place] = min(each.at, starts.get(place, each.at))
        found: dict[Language, dict[SeriesKey, list[timedelta]]] = {}
        for (place, language), at in versions.items():
            start = starts.get(place)
            # The first version has no delay to another, unless several came at once.
            if start is None or start > at or (start == at and len(first[place]) < 2):
                continue
            found.setdefault(language, {}).setdefault(place[0], []).append(at - start)
        return cls(found, starts)

    def start_of(self, place: Place) -> datetime | None:
        """Return the time of the broadcast or of the first version, if one is known."""
        return self._starts.get(place)

    def expected(self, key: SeriesKey, language: Language) -> DelayRange | None:
        """Return the range for the next episode of a series, learned from its own episodes.

        With too few of them, the medians of all series decide, so that a long series counts as
        much as a short one.
        """
        by_series = self._by_language.get(language, {})
        own = by_series.get(key, ())
        if len(own) >= FEWEST:
            return delay_range(own)
        overall = delay_range([_median(delays) for delays in by_series.values()])
        if overall is None:
            return None
        episodes = sum(len(delays) for delays in by_series.values())
        return attrs.evolve(overall, episodes=episodes, of_series=False)


def _median(values: Sequence[timedelta]) -> timedelta:
    return timedelta(seconds=median(value.total_seconds() for value in values))
