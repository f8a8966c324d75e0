"""How hosters did lately, and which is worth asking first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs

from aniworld_core.domain.media import Language, MediaSource

#: An unknown hoster is believed to succeed this often, as if it had been tried twice.
_PRIOR_TRIES: Final = 2.0
_PRIOR_SUCCESSES: Final = 1.2
#: Bytes per second believed of an unknown hoster.
_PRIOR_RATE: Final = 2_000_000.0
#: What one failed try costs in seconds, and how large an episode is believed to be.
_TRY_SECONDS: Final = 20.0
_EPISODE_BYTES: Final = 300_000_000.0
#: How much the newest speed counts against the remembered one.
_FRESHNESS: Final = 0.3


@attrs.frozen(order=True)
class Place:
    """What a score is about: a hoster, in one language.

    Attributes:
        language: The language's code; empty where sources do not say.
    """

    provider: str
    hoster: str
    language: str = ""

    @classmethod
    def of(cls, source: MediaSource) -> "Place":
        """The place a source belongs to."""
        return cls(source.provider, source.hoster, source.language.code if source.language else "")


@attrs.frozen(kw_only=True)
class SourceScore:
    """How one place did.

    Attributes:
        rate: Smoothed bytes per second of its successes; 0 before the first.
        last_failure: Why it failed the last time, for machines; empty if it never did.
    """

    place: Place
    tries: int = 0
    successes: int = 0
    rate: float = 0.0
    last_failure: str = ""
    last_failed_at: datetime | None = None
    last_succeeded_at: datetime | None = None

    def succeeded(self, rate: float, at: datetime) -> "SourceScore":
        """The score after a success at *rate* bytes per second (0 if it was not measured)."""
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
        """The score after a failure."""
        return attrs.evolve(self, tries=self.tries + 1, last_failure=kind, last_failed_at=at)

    @property
    def expected_seconds(self) -> float:
        """How long it is expected to take until it gave a good file, failed tries included."""
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
    """Order sources by wanted language, then by expected time to a good file.

    Sources of equal standing keep the catalogue's order. Only languages are a promise to the
    user, so no speed moves a source past a better language.

    Args:
        sources: Sources in wanted languages only.
        scores: What is remembered.
        wanted: Wanted languages, best first.
        explore: Put the least tried place of the best language first, to learn about it.
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
    """Index scores by what they are about."""
    return {score.place: score for score in scores}
