"""Waiting list for better files: list it, and queue the episodes that can be upgraded."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import attrs

from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.downloads.queue.download_queue import DownloadQueue, Submission
from aniworld_core.application.downloads.queue.episode_selection import EpisodeRequest, as_selection
from aniworld_core.domain.catalogue import Series, select_episodes
from aniworld_core.domain.downloads import (
    SETTLED_STATUSES,
    UpgradeCandidate,
    upgrade_candidate,
)
from aniworld_core.domain.identity import EpisodeRef, EpisodeSelection, SeriesKey
from aniworld_core.domain.library import FileState, LibraryFile
from aniworld_core.domain.media import Language
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository

#: Series that are in memory at once, with their episodes and files.
_BATCH: Final = 200
#: States of files that stand for their episodes.
_HELD: Final = frozenset({FileState.PRESENT, FileState.SUSPECT})


@attrs.frozen(kw_only=True)
class UpgradeRequest:
    """Which waiting episodes to queue.

    Attributes:
        keys: Only these series; all monitored ones when empty.
        episodes: Only these episodes of them; all when `None`.
    """

    keys: tuple[SeriesKey, ...] = ()
    episodes: tuple[EpisodeSelection, ...] | None = None


_ALL: Final = UpgradeRequest()


@attrs.define(eq=False, kw_only=True)
class Upgrades:
    """Finds episodes of monitored series whose file is not the best by the policy.

    Episodes that are not wanted and files that a person pinned are left alone.
    """

    _queue: DownloadQueue
    _items: QueueRepository
    _series: SeriesRepository
    _files: LibraryFileRepository
    _config: CurrentConfig

    async def waiting(self, keys: Collection[SeriesKey] = ()) -> Sequence[UpgradeCandidate]:
        """Return the waiting list, ordered by series and episode.

        Args:
            keys: Only these series; all monitored ones when empty.

        Raises:
            SeriesNotFoundError: If there is no such series.
            StorageUnavailableError: If the database cannot be read.
        """
        heads = [await self._series.get(key) for key in keys] or await self._series.heads()
        chosen = [head.key for head in heads if head.monitored]
        candidates: list[UpgradeCandidate] = []
        for start in range(0, len(chosen), _BATCH):
            part = chosen[start : start + _BATCH]
            files = await self._files.of_many(part)
            for series in await self._series.get_many(part):
                candidates += self._candidates(series, files.get(series.key, ()))
        return candidates

    async def queued(self, candidates: Sequence[UpgradeCandidate]) -> Collection[EpisodeRef]:
        """Return those of the waiting episodes that are in the queue."""
        return await self._items.open_items([candidate.episode for candidate in candidates])

    async def queue(self, request: UpgradeRequest = _ALL) -> Submission:
        """Queue waiting episodes on request of a person; the old files go to the recycle bin.

        Episodes for which the catalogue has no better language are queued only if their picture
        is too low.

        Raises:
            SeriesNotFoundError: If there is no such series.
            EpisodeNotFoundError: If a selection names no episode of its series.
        """
        chosen: set[EpisodeRef] | None = None
        if request.episodes is not None:
            chosen = set()
            for key in request.keys:
                series = await self._series.get(key)
                chosen |= set(map(series.ref, select_episodes(series, request.episodes)))
        return Submission.joined(
            [
                await self._submitted(candidate)
                for candidate in await self.waiting(request.keys)
                if candidate.can_be_queued and (chosen is None or candidate.episode in chosen)
            ]
        )

    async def queue_available(self) -> int:
        """Queue episodes for which the catalogue lists a better language now.

        Only the better languages are tried, so the present file stays if all of them fail. A
        language is fetched once for an episode: a failed download, an undone one, or a file that
        turns out to be in another language is not fetched again and again.

        Returns:
            Number of new items.
        """
        tried = await self._tried()
        queued = 0
        for candidate in await self.waiting():
            before = tried[candidate.episode]
            untried = tuple(each for each in candidate.available if each not in before)
            if untried:
                submission = await self._submitted(attrs.evolve(candidate, available=untried))
                queued += len(submission.items)
        return queued

    def _candidates(
        self, series: Series, files: Sequence[LibraryFile]
    ) -> Sequence[UpgradeCandidate]:
        config = self._config.value
        held = {file.path: file for file in files if file.state in _HELD}
        candidates: list[UpgradeCandidate] = []
        for episode in series.episodes:
            file = held.get(episode.file or "")
            if file is not None and file.pinned:
                continue
            candidate = upgrade_candidate(
                series,
                episode,
                order=series.languages or config.languages.order,
                quality=series.quality or config.downloads.quality,
                facts=None if file is None else file.facts,
            )
            if candidate is not None:
                candidates.append(candidate)
        return candidates

    async def _submitted(self, candidate: UpgradeCandidate) -> Submission:
        same = () if candidate.language is None else (candidate.language,)
        request = EpisodeRequest(
            selections=(as_selection(candidate.episode),),
            again=True,
            languages=candidate.available or same or None,
            reason=candidate.reason_to_queue,
        )
        return await self._queue.submit(candidate.episode.series_key, request)

    async def _tried(self) -> Mapping[EpisodeRef, set[Language]]:
        """Return the languages that settled items fetched or tried to fetch, by episode."""
        tried: defaultdict[EpisodeRef, set[Language]] = defaultdict(set)
        for item in await self._items.find(statuses=SETTLED_STATUSES):
            if item.replaces:
                tried[item.episode] |= set(item.languages or ())
        return tried


@attrs.frozen(kw_only=True)
class UpgradeView:
    """An episode whose file is not the best by the policy.

    Attributes:
        key: Key of its series.
        name: Name of its series.
        file: Path of its file.
        language: Language of the file; null if it is unknown.
        better_languages: Languages that are preferred to that one, best first.
        available_languages: Those of them that the catalogue lists now.
        height: Height of the picture in lines; null if it is unknown.
        wanted_height: The wanted height if the picture is lower; null otherwise.
        reasons: What is not as wanted, with kind and values.
        queued: Whether the episode is in the queue.
    """

    key: str
    name: str
    season: int
    episode: int
    file: str
    language: str | None
    better_languages: tuple[str, ...]
    available_languages: tuple[str, ...]
    height: int | None
    wanted_height: int | None
    reasons: tuple[Mapping[str, Any], ...]
    queued: bool

    @classmethod
    def of(cls, candidate: UpgradeCandidate, *, queued: bool) -> "UpgradeView":
        """Return the view of a waiting episode."""
        return cls(
            key=candidate.episode.series_key,
            name=candidate.series_name,
            season=candidate.episode.season,
            episode=candidate.episode.number,
            file=candidate.file,
            language=None if candidate.language is None else candidate.language.code,
            better_languages=tuple(each.code for each in candidate.better),
            available_languages=tuple(each.code for each in candidate.available),
            height=candidate.height,
            wanted_height=candidate.wanted_height,
            reasons=tuple(reason.to_wire() for reason in candidate.reasons),
            queued=queued,
        )
