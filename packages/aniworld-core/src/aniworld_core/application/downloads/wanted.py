"""List series with missing episodes, and what becomes of these."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from aniworld_core.application.library import AnimeSummary
from aniworld_core.domain.catalogue import Page, SeriesFilter, SeriesQuery, SeriesSummary
from aniworld_core.domain.downloads import DownloadItem, DownloadStatus
from aniworld_core.domain.identity import EpisodeRef
from aniworld_core.messages import message_to_wire
from aniworld_core.ports.library_files import LibraryFileRepository
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository


@attrs.frozen(kw_only=True)
class WantedView:
    """A series with missing episodes.

    Attributes:
        queued: Number of its missing episodes that are in the queue.
        failed: Number of its missing episodes whose download failed.
        failure: Why the newest of these failed: a message with kind and values; null without one.
    """

    series: AnimeSummary
    queued: int
    failed: int
    failure: Mapping[str, Any] | str | None


@attrs.define(eq=False, kw_only=True)
class WantedList:
    """Lists series with missing episodes, one page at a time."""

    _series: SeriesRepository
    _items: QueueRepository
    _files: LibraryFileRepository

    async def find(self, query: SeriesQuery) -> Page[WantedView]:
        """Return a page of series with missing episodes, whatever the filter of the query is."""
        page = await self._series.summaries(attrs.evolve(query, filter=SeriesFilter.MISSING))
        sizes = await self._files.sizes([summary.key for summary in page.items])
        held = await self._items.open_items(
            [ref for summary in page.items for ref in _missing(summary)]
        )
        views = []
        for summary in page.items:
            missing = frozenset(_missing(summary))
            items = await self._items.find(statuses=[DownloadStatus.FAILED], series_key=summary.key)
            failed = _newest([i for i in items if i.episode in missing and i.episode not in held])
            failure = failed[-1].failure if failed else None
            views.append(
                WantedView(
                    series=AnimeSummary.of(summary, sizes.get(summary.key, 0)),
                    queued=sum(ref in held for ref in missing),
                    failed=len(failed),
                    failure=None if failure is None else message_to_wire(failure.to_message()),
                )
            )
        return Page(tuple(views), page.total)


def _missing(summary: SeriesSummary) -> Sequence[EpisodeRef]:
    return [
        EpisodeRef(summary.key, season, number)
        for season, numbers in summary.missing.items()
        for number in numbers
    ]


def _newest(items: Sequence[DownloadItem]) -> Sequence[DownloadItem]:
    """Return the last failed item of each episode, the newest last."""
    ordered = sorted(items, key=lambda item: item.completed_at or item.added_at)
    return list({item.episode: item for item in ordered}.values())
