"""Hoster scores: record results, order sources by expected success."""

import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import attrs

from aniworld_core.domain.catalogue import Place, SourceScore, by_place, order_by_score
from aniworld_core.domain.media import Language, MediaSource
from aniworld_core.errors import (
    AniworldError,
    DiskFullError,
    LibraryUnavailableError,
    NotYetAvailableError,
    StorageUnavailableError,
    UnavailableError,
    UnusableError,
)
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.scores import ScoreRepository

logger: logging.Logger = logging.getLogger(__name__)

#: Share of orders that put a rarely tried hoster first, because it may have improved.
EXPLORED: Final = 1 / 20
#: Errors that are independent of the hoster.
_NOT_ITS_FAULT: Final = (
    DiskFullError,
    LibraryUnavailableError,
    NotYetAvailableError,
    StorageUnavailableError,
)


@attrs.define(eq=False, kw_only=True)
class HosterScores:
    """Store the score of each hoster and order sources by it.

    Scores are optional: downloads continue while they cannot be read or written.
    """

    _scores: ScoreRepository
    _clock: Clock
    _random: Callable[[], float] = random.random

    async def order(
        self, sources: Sequence[MediaSource], wanted: Sequence[Language]
    ) -> Sequence[MediaSource]:
        """Order sources by preferred language, then by score.

        Now and then the hoster with the fewest attempts in the best language comes first.
        """
        try:
            scores = await self._scores.find()
        except StorageUnavailableError as error:
            logger.warning("cannot read the scores of the hosters: %s", error)
            return sources
        explore = self._random() < EXPLORED
        return order_by_score(sources, by_place(scores), wanted, explore=explore)

    async def succeeded(self, source: MediaSource, rate: float) -> None:
        """Record a success of a source at *rate* bytes per second (0 if not measured)."""
        now = self._clock.now()
        with _unstored(source):
            await self._scores.add_success(Place.of(source), rate=rate, at=now)

    async def failed(self, source: MediaSource, error: AniworldError) -> None:
        """Record a failure of a source, if it depends on the hoster."""
        if is_about_place(error):
            now = self._clock.now()
            with _unstored(source):
                await self._scores.add_failure(Place.of(source), kind=error.kind, at=now)

    async def find(self) -> Sequence[SourceScore]:
        """Return all scores, ordered by provider, hoster, language."""
        return await self._scores.find()

    async def clear(self) -> int:
        """Delete all scores.

        Returns:
            Number of deleted scores.
        """
        return await self._scores.clear()


@contextmanager
def _unstored(source: MediaSource) -> Iterator[None]:
    """Log that a score cannot be stored."""
    try:
        yield
    except StorageUnavailableError as error:
        logger.warning("cannot store the score of %s: %s", source.hoster, error)


def is_about_place(error: AniworldError) -> bool:
    """Return whether a failure depends on the hoster.

    A hoster that asks for a pause works, and one with an open circuit was not tried.
    """
    if isinstance(error, _NOT_ITS_FAULT):
        return False
    if isinstance(error, UnavailableError):
        return error.retry_after is None
    return isinstance(error, UnusableError)
