"""Which series a job is about, and how much it will do."""

from collections.abc import Mapping, Sequence

import attrs

from aniworld_core.domain.catalogue import Series, SeriesQuery
from aniworld_core.domain.downloads import OPEN_STATUSES, JobAction, JobKind
from aniworld_core.domain.identity import EpisodeRef, SeriesKey
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository


@attrs.frozen(kw_only=True)
class SeriesSelection:
    """Series by their keys, or all that match a query; limit and offset have no effect.

    Attributes:
        keys: The series; `None` for those of the query. Unknown keys are left out.
    """

    keys: tuple[SeriesKey, ...] | None = None
    query: SeriesQuery = SeriesQuery()


@attrs.frozen(kw_only=True)
class JobEstimate:
    """What a job will do.

    Attributes:
        series: Number of series.
        episodes: Of a download: episodes that it adds to the queue. Of a removal: episodes that
            the library has of the series.
        queued: Of a removal: open items of the queue that it removes.
        size_bytes: Of a removal: size of the files of the series.
    """

    series: int
    episodes: int = 0
    queued: int = 0
    size_bytes: int = 0


@attrs.frozen
class JobPlan:
    """The series of a job in the order of their names, and the estimate."""

    keys: tuple[SeriesKey, ...]
    estimate: JobEstimate


@attrs.define(eq=False, kw_only=True)
class JobPlanner:
    """Choose the series of jobs, and count what will be done."""

    _series: SeriesRepository
    _items: QueueRepository
    _files: LibraryFileRepository

    async def read(self, keys: Sequence[SeriesKey]) -> Mapping[SeriesKey, Series]:
        """Return the series of a job that are still in the library."""
        return {each.key: each for each in await self._series.get_many(keys)}

    async def plan(self, action: JobAction, selection: SeriesSelection) -> JobPlan:
        """Return the series of a job; of a download only those with episodes to queue."""
        query = selection.query if selection.keys is None else SeriesQuery()
        keys = await self._series.matching(query)
        if selection.keys is not None:
            chosen = frozenset(selection.keys)
            keys = tuple(key for key in keys if key in chosen)
        match action.kind:
            case JobKind.DOWNLOAD:
                return await self._download(keys, monitored_only=action.monitored_only)
            case JobKind.EDIT:
                return JobPlan(tuple(keys), JobEstimate(series=len(keys)))
            case JobKind.REMOVE:
                return await self._removal(keys)

    async def _download(self, keys: Sequence[SeriesKey], *, monitored_only: bool) -> JobPlan:
        chosen = frozenset(keys)
        missing = [
            EpisodeRef(summary.key, season, number)
            for summary in (await self._series.summaries(SeriesQuery())).items
            if summary.key in chosen and (summary.monitored or not monitored_only)
            for season, numbers in summary.missing.items()
            for number in numbers
        ]
        held = await self._items.open_items(missing)
        new = [episode for episode in missing if episode not in held]
        with_new = {episode.series_key for episode in new}
        found = tuple(key for key in keys if key in with_new)
        return JobPlan(found, JobEstimate(series=len(found), episodes=len(new)))

    async def _removal(self, keys: Sequence[SeriesKey]) -> JobPlan:
        chosen = frozenset(keys)
        summaries = (await self._series.summaries(SeriesQuery())).items
        sizes = await self._files.sizes(chosen)
        items = await self._items.find(statuses=OPEN_STATUSES)
        estimate = JobEstimate(
            series=len(keys),
            episodes=sum(summary.have for summary in summaries if summary.key in chosen),
            queued=sum(item.episode.series_key in chosen for item in items),
            size_bytes=sum(sizes.get(key, 0) for key in keys),
        )
        return JobPlan(tuple(keys), estimate)
