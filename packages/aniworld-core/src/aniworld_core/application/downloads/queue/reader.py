"""The queue as it is shown: all of it, a part of it, or its figures alone."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

import attrs

from aniworld_core.application.catalogue import megabits
from aniworld_core.application.configuration import CurrentConfig
from aniworld_core.application.downloads.queue.views import DownloadItemView
from aniworld_core.domain.catalogue import Page, Series
from aniworld_core.domain.downloads import DownloadItem, DownloadStatus
from aniworld_core.domain.identity import SeriesKey
from aniworld_core.errors import SeriesNotFoundError
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository

_NEVER = datetime.min.replace(tzinfo=UTC)


@attrs.frozen(kw_only=True)
class QueueStatistics:
    """The queue in figures.

    Attributes:
        total_downloaded_mb: Megabytes (10^6 bytes) fetched of all items shown.
        average_speed_mbps: Megabits per second of all active items together.
        estimated_time_remaining: Seconds until the active items are through; null if unknown.
    """

    total_items: int
    pending_count: int
    active_count: int
    completed_count: int
    failed_count: int
    total_downloaded_mb: float
    average_speed_mbps: float
    estimated_time_remaining: float | None


@attrs.frozen(kw_only=True)
class QueueStatus:
    """The whole queue: what waits in the order in which it is started, the rest newest first.

    Attributes:
        waiting_for: Why nothing is started, if that is so.
    """

    is_running: bool
    is_paused: bool
    waiting_for: str | None
    active_downloads: tuple[DownloadItemView, ...]
    pending_queue: tuple[DownloadItemView, ...]
    completed_downloads: tuple[DownloadItemView, ...]
    failed_downloads: tuple[DownloadItemView, ...]
    statistics: QueueStatistics


@attrs.frozen(kw_only=True)
class QueueSummary:
    """The queue in a few bytes, for a widget."""

    is_running: bool
    is_paused: bool
    waiting_for: str | None
    pending: int
    downloading: int
    completed: int
    failed: int
    percent: float
    speed_mbps: float
    eta_seconds: float | None


@attrs.frozen(kw_only=True)
class ItemQuery:
    """Which items are looked for.

    Attributes:
        statuses: Only these; all when empty.
        search: Part of the series' name or key, the episode's code or title, ignoring case.
        limit: Most items to return, or `None` for all.
    """

    statuses: frozenset[DownloadStatus] = frozenset()
    series_key: str | None = None
    search: str = ""
    limit: int | None = None
    offset: int = 0


@attrs.frozen(kw_only=True)
class WorkerState:
    """How whoever works the queue stands."""

    is_running: bool
    is_paused: bool
    waiting_for: str | None


@attrs.define(eq=False, kw_only=True)
class QueueReader:
    """Shows the queue, joined with the series its items are about."""

    _items: QueueRepository
    _series: SeriesRepository
    _config: CurrentConfig

    async def revision(self) -> str:
        """Return a mark of queue and series: while it is the same, so is what is shown of them."""
        return f"{await self._items.revision()} {await self._series.revision()}"

    async def status(self, worker: WorkerState) -> QueueStatus:
        """Show the whole queue."""
        items = await self._items.find()
        shelf = await self._shelf(items)
        parts: dict[DownloadStatus, list[DownloadItem]] = {status: [] for status in DownloadStatus}
        for item in items:
            parts[item.status].append(item)
        for status in (DownloadStatus.COMPLETED, DownloadStatus.FAILED):
            parts[status].sort(key=lambda item: item.completed_at or _NEVER, reverse=True)
        return QueueStatus(
            is_running=worker.is_running,
            is_paused=worker.is_paused,
            waiting_for=worker.waiting_for,
            active_downloads=self._views(parts[DownloadStatus.DOWNLOADING], shelf),
            pending_queue=self._views(parts[DownloadStatus.PENDING], shelf),
            completed_downloads=self._views(parts[DownloadStatus.COMPLETED], shelf),
            failed_downloads=self._views(parts[DownloadStatus.FAILED], shelf),
            statistics=_statistics(items, parts[DownloadStatus.DOWNLOADING]),
        )

    async def summary(self, worker: WorkerState) -> QueueSummary:
        """Show the figures alone."""
        counts = await self._items.counts()
        active = await self._items.find(statuses={DownloadStatus.DOWNLOADING})
        done = sum(item.progress.percent for item in active)
        return QueueSummary(
            is_running=worker.is_running,
            is_paused=worker.is_paused,
            waiting_for=worker.waiting_for,
            pending=counts[DownloadStatus.PENDING],
            downloading=counts[DownloadStatus.DOWNLOADING],
            completed=counts[DownloadStatus.COMPLETED],
            failed=counts[DownloadStatus.FAILED],
            percent=round(done / len(active), 2) if active else 0.0,
            speed_mbps=_speed(active),
            eta_seconds=_eta(active),
        )

    async def find(self, query: ItemQuery) -> Page[DownloadItemView]:
        """Show the items looked for, in the order of the queue."""
        items = await self._items.find(statuses=query.statuses or None)
        if query.series_key is not None:
            items = [item for item in items if item.episode.series_key == query.series_key]
        end = None if query.limit is None else query.offset + query.limit
        if not query.search:
            part = items[query.offset : end]
            return Page(self._views(part, await self._shelf(part)), len(items))
        views = self._views(items, await self._shelf(items))
        found = [view for view in views if _mentions(view, query.search.casefold())]
        return Page(tuple(found[query.offset : end]), len(found))

    async def show(self, items: Sequence[DownloadItem]) -> tuple[DownloadItemView, ...]:
        """Show given items."""
        return self._views(items, await self._shelf(items))

    async def _shelf(self, items: Iterable[DownloadItem]) -> dict[SeriesKey, Series]:
        """Load what the items are about; series that are gone are left out."""
        shelf: dict[SeriesKey, Series] = {}
        for key in dict.fromkeys(item.episode.series_key for item in items):
            try:
                shelf[key] = await self._series.get(key)
            except SeriesNotFoundError:
                continue
        return shelf

    def _views(
        self, items: Iterable[DownloadItem], shelf: dict[SeriesKey, Series]
    ) -> tuple[DownloadItemView, ...]:
        wanted = self._config.value.languages.order[0]
        return tuple(
            DownloadItemView.of(item, shelf.get(item.episode.series_key), wanted) for item in items
        )


def _mentions(view: DownloadItemView, part: str) -> bool:
    code = f"S{view.episode.season:02}E{view.episode.episode:02}"
    texts = (view.serie_name, view.serie_id, code, view.episode.title)
    return any(part in text.casefold() for text in texts)


def _statistics(items: Collection[DownloadItem], active: Sequence[DownloadItem]) -> QueueStatistics:
    def count(status: DownloadStatus) -> int:
        return sum(item.status is status for item in items)

    return QueueStatistics(
        total_items=len(items),
        pending_count=count(DownloadStatus.PENDING),
        active_count=len(active),
        completed_count=count(DownloadStatus.COMPLETED),
        failed_count=count(DownloadStatus.FAILED),
        total_downloaded_mb=round(sum(i.progress.downloaded_bytes for i in items) / 1e6, 2),
        average_speed_mbps=_speed(active),
        estimated_time_remaining=_eta(active),
    )


def _speed(active: Iterable[DownloadItem]) -> float:
    return megabits(sum(item.progress.rate for item in active))


def _eta(active: Sequence[DownloadItem]) -> float | None:
    times = [item.progress.eta_seconds for item in active]
    known = [seconds for seconds in times if seconds is not None]
    return round(max(known), 1) if known and len(known) == len(times) else None
