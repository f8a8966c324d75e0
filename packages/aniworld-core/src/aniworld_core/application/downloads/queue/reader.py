"""The read model of the queue: status, summary and lists for REST, WebSocket, CLI and pages."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, TypeVar, dataclass_transform

import attrs

from aniworld_core.application.catalogue import megabits
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.downloads.queue.outlook import Outlook, active_items
from aniworld_core.application.downloads.queue.views import DownloadItemView, WorkerView
from aniworld_core.domain.catalogue import Page
from aniworld_core.domain.downloads import (
    HELD_STATUSES,
    DownloadItem,
    DownloadStatus,
    ItemQuery,
    QueueEntry,
    QueueOverview,
    SeriesItems,
    WorkerState,
)
from aniworld_core.domain.identity import ItemId
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository

_T = TypeVar("_T")

#: Items that each list of the queue status holds at most.
ITEMS_PER_LIST: Final = 500


@dataclass_transform(kw_only_default=True, frozen_default=True)
def _with_status_fields(
    name_of: Callable[[DownloadStatus], str], kind: object
) -> Callable[[type[_T]], type[_T]]:
    """Make a frozen class with one more field for each status, so that a new status has its own.

    Args:
        name_of: Returns the field's name of a status.
        kind: The type of these fields.
    """

    def make(cls: type[_T]) -> type[_T]:
        cls.__annotations__ |= {name_of(status): kind for status in DownloadStatus}
        return attrs.frozen(kw_only=True)(cls)

    return make


@_with_status_fields(lambda status: status.traits.count_name, int)
class QueueStatistics:
    """Totals of the queue, and the number of items of each status.

    Attributes:
        total_items: Number of items of all statuses.
        total_downloaded_mb: Downloaded megabytes (10^6 bytes) of all items.
        average_speed_mbps: Megabits per second of all active items together.
        estimated_time_remaining: Seconds until all pending and active items are complete, estimated
            from the sizes of other items and the present speed; null if unknown.
    """

    total_items: int
    total_downloaded_mb: float
    average_speed_mbps: float
    estimated_time_remaining: float | None


@_with_status_fields(lambda status: status.traits.list_name, tuple[DownloadItemView, ...])
class QueueStatus(WorkerView):
    """The state of the worker, the totals, and the first items of each status.

    Pending and active items are in the order in which they start, others newest first. Each list
    holds at most 500 items; `statistics` has the true numbers.
    """

    statistics: QueueStatistics


@_with_status_fields(lambda status: status.value, int)
class QueueSummary(WorkerView):
    """The numbers of the queue, for a dashboard widget.

    Attributes:
        percent: Mean progress of the active items in 0..100.
        speed_mbps: Megabits per second of all active items together.
        eta_seconds: Seconds until all pending and active items are complete, estimated from the
            sizes of other items and the present speed; null if unknown.
        pending_bytes: Estimated bytes of all pending items; null while no size is known.
    """

    percent: float
    speed_mbps: float
    eta_seconds: float | None
    pending_bytes: int | None


@attrs.define(eq=False, kw_only=True)
class QueueReader:
    """Read the queue, joined with the series of its items."""

    _items: QueueRepository
    _series: SeriesRepository
    _config: CurrentConfig

    async def revision(self) -> str:
        """Return a mark of queue and series that differs after each change of either."""
        return f"{await self._items.revision()} {await self._series.revision()}"

    async def status(self, worker: WorkerState) -> QueueStatus:
        """Return the queue status: at most `ITEMS_PER_LIST` items in each list, and totals."""
        overview = await self._items.overview(tuple(DownloadStatus), limit=ITEMS_PER_LIST)
        lists = {
            status.traits.list_name: self.views(entries)
            for status, entries in overview.lists.items()
        }
        return QueueStatus(
            **attrs.asdict(worker, recurse=False), statistics=_statistics(overview), **lists
        )

    async def summary(self, worker: WorkerState) -> QueueSummary:
        """Return the numbers of the queue without its items."""
        overview = await self.active()
        items, outlook = active_items(overview), Outlook.of(overview)
        done = sum(item.progress.percent for item in items)
        return QueueSummary(
            **attrs.asdict(worker, recurse=False),
            **{status.value: count for status, count in overview.counts.items()},
            percent=round(done / len(items), 2) if items else 0.0,
            speed_mbps=megabits(outlook.rate),
            eta_seconds=_rounded(outlook.seconds),
            pending_bytes=outlook.pending_bytes,
        )

    async def active(self) -> QueueOverview:
        """Return the numbers of all items, and the items that are being downloaded."""
        return await self.overview(HELD_STATUSES)

    async def held(self) -> Sequence[QueueEntry]:
        """Return the items that are being downloaded."""
        overview = await self.active()
        return [entry for entries in overview.lists.values() for entry in entries]

    async def overview(self, statuses: Collection[DownloadStatus]) -> QueueOverview:
        """Return the numbers of all items and at most `ITEMS_PER_LIST` of each given status."""
        return await self._items.overview(statuses, limit=ITEMS_PER_LIST)

    async def counts(self) -> Mapping[DownloadStatus, int]:
        """Return the number of items of each status."""
        return await self._items.counts()

    async def page(self, query: ItemQuery) -> Page[QueueEntry]:
        """Return a part of the matching items in the order of the query, and how many match."""
        return await self._items.page(query)

    async def series_page(self, query: ItemQuery) -> Page[SeriesItems]:
        """Return a part of the series that have matching items, and how many there are."""
        return await self._items.series_page(query)

    async def item(self, item_id: ItemId) -> DownloadItem:
        """Return one item.

        Raises:
            ItemNotFoundError: If there is none.
        """
        return await self._items.get(item_id)

    async def with_prefix(self, prefix: str, *, limit: int) -> Sequence[DownloadItem]:
        """Return the items whose id begins with a text."""
        return await self._items.find(id_prefix=prefix, limit=limit)

    async def entries(self, item_ids: Collection[ItemId]) -> Sequence[QueueEntry]:
        """Return the items with these ids and the data of their series, in claim order."""
        return await self._items.entries(item_ids)

    def views(self, entries: Iterable[QueueEntry]) -> tuple[DownloadItemView, ...]:
        """Return items in the documented form of REST and WebSocket."""
        wanted = self._config.value.languages.order[0]
        return tuple(DownloadItemView.of(entry, wanted) for entry in entries)


def counts_by_name(counts: Mapping[DownloadStatus, int]) -> dict[str, int]:
    """Return the documented name and the number of each status."""
    return {status.traits.count_name: count for status, count in counts.items()}


def _statistics(overview: QueueOverview) -> QueueStatistics:
    outlook = Outlook.of(overview)
    return QueueStatistics(
        total_items=overview.total,
        total_downloaded_mb=round(overview.downloaded_bytes / 1e6, 2),
        average_speed_mbps=megabits(outlook.rate),
        estimated_time_remaining=_rounded(outlook.seconds),
        **counts_by_name(overview.counts),
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
