"""When a language version of an episode was first listed by its catalogue."""

from datetime import datetime

import attrs

from aniworld_core.domain.catalogue.series import Series
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.domain.media import Language


@attrs.frozen(kw_only=True)
class VersionSeen:
    """A language version that appeared between two listings of its series.

    Attributes:
        key: The series.
        language: Language of the version.
        at: Time of the first listing that has it.
        is_first: Whether the episode had no version before.
    """

    key: SeriesKey
    season: int
    number: int
    language: Language
    at: datetime
    is_first: bool = False


def newly_seen(before: Series, after: Series, now: datetime) -> tuple[VersionSeen, ...]:
    """Return the versions that appeared between two listings of a series.

    Only an observed change counts: nothing is known about versions that the first listing of a
    series has, or that are listed when the languages of an episode are read for the first time.

    Args:
        before: The stored series.
        after: The series with the new listing.
        now: Time of the new listing.
    """
    if not before.episodes:
        return ()
    known = {(e.season, e.number): e for e in before.episodes}
    found: list[VersionSeen] = []
    for episode in after.episodes:
        if not episode.available or not episode.languages:
            continue
        former = known.get((episode.season, episode.number))
        if former is not None and former.available and former.languages is None:
            continue
        had = (former.languages if former is not None and former.available else None) or frozenset()
        found += (
            VersionSeen(
                key=after.key,
                season=episode.season,
                number=episode.number,
                language=language,
                at=now,
                is_first=not had,
            )
            for language in sorted(episode.languages - had)
        )
    return tuple(found)
