"""Remembering how hosters did, and asking the better ones first."""

import logging
import random
from collections.abc import Callable, Sequence
from typing import Final

import anyio
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

logger = logging.getLogger(__name__)

#: How often a hoster that looks worse is tried first all the same: it may have become better.
EXPLORED: Final = 1 / 20
#: Errors that would have come from any other hoster as well.
_NOT_ITS_FAULT: Final = (
    DiskFullError,
    LibraryUnavailableError,
    NotYetAvailableError,
    StorageUnavailableError,
)


@attrs.define(eq=False, kw_only=True)
class ScoreBook:
    """Keeps the score of each place and orders sources by it.

    Scores are advice: while they cannot be read or written, downloads go on without.
    """

    _scores: ScoreRepository
    _clock: Clock
    _random: Callable[[], float] = random.random
    _noting: anyio.Lock = attrs.field(factory=anyio.Lock, init=False)

    async def order(
        self, sources: Sequence[MediaSource], wanted: Sequence[Language]
    ) -> Sequence[MediaSource]:
        """Order sources in wanted languages: best language first, in it the best place first.

        Now and then the least tried place of the best language comes first instead.
        """
        try:
            scores = await self._scores.find()
        except StorageUnavailableError as error:
            logger.warning("the scores of hosters cannot be read: %s", error)
            return sources
        explore = self._random() < EXPLORED
        return order_by_score(sources, by_place(scores), wanted, explore=explore)

    async def succeeded(self, source: MediaSource, rate: float) -> None:
        """Note that a source gave a good file, at *rate* bytes per second (0 if not measured)."""
        now = self._clock.now()
        await self._note(source, lambda score: score.succeeded(rate, now))

    async def failed(self, source: MediaSource, error: AniworldError) -> None:
        """Note why a source gave nothing, if that says something about its place."""
        if is_about_place(error):
            now = self._clock.now()
            await self._note(source, lambda score: score.failed(error.kind, now))

    async def find(self) -> Sequence[SourceScore]:
        """Return all scores, ordered by provider, hoster, language."""
        return await self._scores.find()

    async def clear(self) -> int:
        """Forget all scores.

        Returns:
            How many there were.
        """
        return await self._scores.clear()

    async def _note(
        self, source: MediaSource, change: Callable[[SourceScore], SourceScore]
    ) -> None:
        place = Place.of(source)
        try:
            async with self._noting:
                score = by_place(await self._scores.find()).get(place, SourceScore(place=place))
                await self._scores.save(change(score))
        except StorageUnavailableError as error:
            logger.warning("the score of %s cannot be kept: %s", source.hoster, error)


def is_about_place(error: AniworldError) -> bool:
    """Whether a failure says something about the place that was asked.

    A place that names a time is well, and one that is left alone after failures was not asked.
    """
    if isinstance(error, _NOT_ITS_FAULT):
        return False
    if isinstance(error, UnavailableError):
        return error.retry_after is None
    return isinstance(error, UnusableError)
