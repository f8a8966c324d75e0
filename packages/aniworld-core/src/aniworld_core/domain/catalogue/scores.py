"""Hoster scores: success rate and speed, and the order of sources that follows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs

from aniworld_core.domain.media import Language, MediaSource

#: Assumed success rate of an unknown hoster, weighted like two attempts.
_PRIOR_TRIES: Final = 2.0
_PRIOR_SUCCESSES: Final = 1.2
#: Assumed bytes per second of an unknown hoster.
_PRIOR_RATE: Final = 2_000_000.0
#: Cost of a failed attempt in seconds, and assumed bytes of an episode.
_TRY_SECONDS: Final = 20.0
_EPISODE_BYTES: Final = 300_000_000.0
#: Weight of the newest speed in the smoothed speed.
_FRESHNESS: Final = 0.3


@attrs.frozen(order=True)
class Place:
    """Key of a score: a hoster of a provider in one language.

    Attributes:
        language: Code of the language; empty if sources name none.
    """

    provider: str
    hoster: str
    language: str = ""

    @classmethod
    def of(cls, source: MediaSource) -> "Place":
        """Return the place of a source."""
        return cls(source.provider, source.hoster, source.language.code if source.language else "")


@attrs.frozen(kw_only=True)
class SourceScore:
    """Score of one hoster.

    Attributes:
        rate: Smoothed bytes per second of its successes; 0 before the first.
        last_failure: Kind of the last failure; empty if there was none.
    """

    place: Place
    tries: int = 0
    successes: int = 0
    rate: float = 0.0
    last_failure: str = ""
    last_failed_at: datetime | None = None
    last_succeeded_at: datetime | None = None

    def succeeded(self, rate: float, at: datetime) -> "SourceScore":
        """Return the score after a success at *rate* bytes per second (0 if not measured)."""
        known = self.rate if rate <= 0 else rate
        mixed = known if not self.rate else self.rate + _FRESHNESS * (known - self.rate)
        return attrs.evolve(
            self,
            tries=self.tries + 1,
            successes=self.successes + 1,
            rate=mixed,
            last_succeeded_at=at,
        )

    def failed(self, kind: str, at: datetime) -> "SourceScore":
        """Return the score after a failure."""
        return attrs.evolve(self, tries=self.tries + 1, last_failure=kind, last_failed_at=at)

    @property
    def expected_seconds(self) -> float:
        """Return the expected seconds until a complete file, failed attempts included."""
        tries = self.tries + _PRIOR_TRIES
        chance = (self.successes + _PRIOR_SUCCESSES) / tries
        return _TRY_SECONDS * (1 / chance - 1) + _EPISODE_BYTES / (self.rate or _PRIOR_RATE)


def order_by_score(
    sources: Sequence[MediaSource],
    scores: Mapping[Place, SourceScore],
    wanted: Sequence[Language],
    *,
    explore: bool = False,
) -> tuple[MediaSource, ...]:
    """Sort sources by preferred language, then by expected time to a complete file.

    Equal sources keep the catalogue's order. Speed never moves a source before a better
    language, because the order of languages is the user's choice.

    Args:
        sources: Sources in preferred languages only.
        scores: Stored scores.
        wanted: Preferred languages, best first.
        explore: Put the hoster with the fewest attempts in the best language first.
    """

    def language(source: MediaSource) -> int:
        return len(wanted) if source.language is None else list(wanted).index(source.language)

    def score(source: MediaSource) -> SourceScore:
        place = Place.of(source)
        return scores.get(place, SourceScore(place=place))

    ordered = sorted(sources, key=lambda s: (language(s), score(s).expected_seconds))
    if not explore or not ordered:
        return tuple(ordered)
    best = [s for s in ordered if language(s) == language(ordered[0])]
    trial = min(best, key=lambda s: score(s).tries)
    return (trial, *(s for s in ordered if s is not trial))


def by_place(scores: Iterable[SourceScore]) -> dict[Place, SourceScore]:
    """Return scores by their place."""
    return {score.place: score for score in scores}
