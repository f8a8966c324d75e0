"""Add, retry, reorder and remove items of the download queue."""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import attrs

from aniworld_core.application.downloads.queue.episode_selection import (
    EpisodeRequest,
    Skipped,
    as_selection,
    reason_to_skip,
    selected,
)
from aniworld_core.domain.catalogue import Series
from aniworld_core.domain.downloads import (
    DownloadItem,
    DownloadStatus,
    ItemQuery,
    Priority,
    QueueEntry,
)
from aniworld_core.domain.identity import EpisodeRef, EpisodeSelection, ItemId, SeriesKey
from aniworld_core.domain.media import Language, Quality
from aniworld_core.errors import (
    AlreadyQueuedError,
    IllegalTransitionError,
    ItemNotFoundError,
    StaleItemError,
)
from aniworld_core.events import ItemQueued, ItemRemoved, ItemRequeued, QueueReloaded
from aniworld_core.messages import Message
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository

#: How often the items of a query are selected again because one of them was started meanwhile.
_MOVE_ATTEMPTS: Final = 5


@attrs.frozen(kw_only=True)
class Submission:
    """The result of a request for episodes.

    Attributes:
        entries: The new items with the data of their series.
        skipped: The requested episodes that were not queued.
    """

    entries: tuple[QueueEntry, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def items(self) -> tuple[DownloadItem, ...]:
        """The new items."""
        return tuple(entry.item for entry in self.entries)

    @classmethod
    def joined(cls, submissions: Iterable["Submission"]) -> "Submission":
        """Return the results of several requests as one."""
        parts = tuple(submissions)
        return cls(
            entries=tuple(entry for part in parts for entry in part.entries),
            skipped=tuple(skipped for part in parts for skipped in part.skipped),
        )


@attrs.frozen
class QueueSnapshot:
    """The whole queue at one moment, each status in claim order."""

    by_status: Mapping[DownloadStatus, tuple[DownloadItem, ...]]

    @property
    def active(self) -> tuple[DownloadItem, ...]:
        """The items that are being downloaded."""
        return self.by_status[DownloadStatus.DOWNLOADING]

    @property
    def pending(self) -> tuple[DownloadItem, ...]:
        """The items that wait for a worker."""
        return self.by_status[DownloadStatus.PENDING]

    @property
    def completed(self) -> tuple[DownloadItem, ...]:
        """The items whose file is in the library."""
        return self.by_status[DownloadStatus.COMPLETED]

    @property
    def failed(self) -> tuple[DownloadItem, ...]:
        """The items whose last attempt failed."""
        return self.by_status[DownloadStatus.FAILED]


@attrs.define(eq=False, kw_only=True)
class DownloadQueue:
    """Change the items of the queue and publish each change."""

    _queue: QueueRepository
    _series: SeriesRepository
    _bus: ProgressBus
    _clock: Clock
    _new_id: Callable[[], ItemId] = attrs.field(default=lambda: ItemId(str(uuid.uuid4())))

    async def enqueue(
        self,
        key: SeriesKey,
        *,
        episodes: Iterable[EpisodeRef | EpisodeSelection] | None = None,
        missing: bool = False,
        languages: Sequence[Language] | None = None,
        quality: Quality | None = None,
        priority: Priority = Priority.NORMAL,
    ) -> Sequence[DownloadItem]:
        """Queue episodes of a series; skip episodes that are downloaded or queued already.

        Args:
            key: The key of the series.
            episodes: The episodes to queue; all when `None`.
            missing: Only episodes that the library does not hold.
            languages: Wanted languages in order, instead of the series' or global ones.
            quality: Wanted quality, instead of the series' or global one.
            priority: The priority of the new items.

        Returns:
            The new items.

        Raises:
            SeriesNotFoundError: If the library has no such series.
            EpisodeNotFoundError: If a selection names no episode of the series.
        """
        selections = None if episodes is None else tuple(as_selection(e) for e in episodes)
        request = EpisodeRequest(
            selections=selections,
            missing_only=missing,
            languages=tuple(languages) if languages else None,
            quality=quality,
            priority=priority,
        )
        return (await self.submit(key, request)).items

    async def submit(self, series: SeriesKey | Series, request: EpisodeRequest) -> Submission:
        """Queue the requested episodes and return which were skipped, with the reason.

        Args:
            series: The key of the series, or the series when the caller has read it already.
            request: Which episodes to queue, and how.

        Raises:
            SeriesNotFoundError: If the library has no such series.
            EpisodeNotFoundError: If a selection names no episode of the series.
        """
        return await self.add(await self.preview(series, request))

    async def add(self, plan: Submission) -> Submission:
        """Queue what `preview` has planned; episodes that were queued since are skipped."""
        queued: list[QueueEntry] = []
        skipped = list(plan.skipped)
        try:
            await self._queue.add(plan.items)
            queued += plan.entries
        except AlreadyQueuedError:
            # Another process has queued one of them since: add each one separately.
            for entry in plan.entries:
                try:
                    await self._queue.add([entry.item])
                    queued.append(entry)
                except AlreadyQueuedError:
                    skipped.append(
                        Skipped(
                            episode=entry.item.episode,
                            series_name=entry.series_name,
                            reason=Message("already_queued_episode"),
                        )
                    )
        await self._bus.publish_all(
            [ItemQueued(item=entry.item, at=entry.item.added_at) for entry in queued]
        )
        return Submission(entries=tuple(queued), skipped=tuple(skipped))

    async def preview(self, series: SeriesKey | Series, request: EpisodeRequest) -> Submission:
        """Return what `submit` would do; nothing is changed.

        Raises:
            SeriesNotFoundError: If the library has no such series.
            EpisodeNotFoundError: If a selection names no episode of the series.
        """
        if not isinstance(series, Series):
            series = await self._series.get(series)
        episodes = selected(series, request)
        held = await self._queue.open_items([series.ref(episode) for episode in episodes])
        now = self._clock.now()
        entries: list[QueueEntry] = []
        skipped: list[Skipped] = []
        for episode in episodes:
            ref = series.ref(episode)
            reason = reason_to_skip(episode, ref in held, again=request.again)
            if reason is None:
                item = DownloadItem(
                    id=self._new_id(),
                    episode=ref,
                    added_at=now,
                    priority=request.priority,
                    place=len(entries),
                    languages=request.languages,
                    quality=request.quality,
                    replaces=request.again,
                    reason=request.reason,
                )
                entries.append(QueueEntry.of(item, series, episode.titles))
            elif not (request.missing_only and (episode.downloaded or not episode.wanted)):
                skipped.append(
                    Skipped(
                        episode=ref,
                        series_name=series.name,
                        reason=reason,
                        item_id=held.get(ref),
                    )
                )
        return Submission(entries=tuple(entries), skipped=tuple(skipped))

    async def snapshot(self) -> QueueSnapshot:
        """Return every item of the queue; a large queue is better read through `QueueReader`."""
        parts: dict[DownloadStatus, list[DownloadItem]] = {s: [] for s in DownloadStatus}
        for item in await self._queue.find():
            parts[item.status].append(item)
        return QueueSnapshot({status: tuple(items) for status, items in parts.items()})

    async def failed(self) -> Sequence[DownloadItem]:
        """Return the failed items."""
        return await self._queue.find(statuses={DownloadStatus.FAILED})

    async def remove(self, item_ids: Collection[ItemId]) -> int:
        """Remove items from the queue; their downloaded parts stay on disk.

        Returns:
            The number of removed items.

        Raises:
            ItemActiveError: If one of them is being downloaded; nothing is removed.
        """
        removed = await self._queue.remove(item_ids)
        await self._publish_removed(item_ids)
        return removed

    async def clear(self, status: DownloadStatus) -> int:
        """Remove every item of a status.

        Returns:
            The number of removed items.

        Raises:
            ItemActiveError: If the items of this status are being downloaded.
        """
        removed = await self._queue.clear(status)
        await self._publish_removed(removed)
        return len(removed)

    async def retry(self, item_ids: Collection[ItemId] | None = None) -> Sequence[DownloadItem]:
        """Put failed items back in the queue and count their attempts from the start.

        Args:
            item_ids: The items to retry; all failed ones when `None`.

        Raises:
            ItemNotFoundError: If one of them does not exist.
            IllegalTransitionError: If one of them has not failed.
        """
        if item_ids is None:
            failed = await self.failed()
        else:
            failed = [await self._queue.get(item_id) for item_id in item_ids]
        retried = []
        for item in [item.retry(reset=True) for item in failed]:
            with suppress(AlreadyQueuedError):  # the episode has been queued again since
                retried.append(await self._retried(item))
        return retried

    async def retry_matching(self, query: ItemQuery) -> Sequence[DownloadItem]:
        """Retry the failed items that a query selects, as `retry` does; pass over changed ones."""
        retried = []
        for entry in (await self._queue.page(_only(query, DownloadStatus.FAILED))).items:
            with suppress(AlreadyQueuedError, ItemNotFoundError, StaleItemError):
                retried.append(await self._retried(entry.item.retry(reset=True)))
        return retried

    async def _retried(self, item: DownloadItem) -> DownloadItem:
        stored = await self._queue.save(item)
        await self._bus.publish(ItemRequeued(item=stored, at=self._clock.now()))
        return stored

    async def reorder(self, item_ids: Sequence[ItemId]) -> Sequence[DownloadItem]:
        """Move pending items to the front, in the order given, each within its priority.

        Returns:
            The moved items as stored.

        Raises:
            ItemNotFoundError: If one of them does not exist.
            IllegalTransitionError: If one of them is not pending.
        """
        moved = await self._queue.move_first(item_ids)
        await self._bus.publish(QueueReloaded(at=self._clock.now()))
        return moved

    async def move_matching(self, query: ItemQuery) -> Sequence[DownloadItem]:
        """Move the pending items that a query selects to the front, in their present order.

        Returns:
            The moved items as stored.
        """
        pending = _only(query, DownloadStatus.PENDING)
        for _ in range(_MOVE_ATTEMPTS - 1):
            # A worker may start one of the items before they are moved.
            with suppress(IllegalTransitionError, ItemNotFoundError):
                return await self.reorder(await self._queue.ids(pending))
        return await self.reorder(await self._queue.ids(pending))

    async def _publish_removed(self, item_ids: Collection[ItemId]) -> None:
        now = self._clock.now()
        await self._bus.publish_all([ItemRemoved(item_id=each, at=now) for each in item_ids])


def _only(query: ItemQuery, status: DownloadStatus) -> ItemQuery:
    """Return a query for those items of another query that have a status."""
    if not query.statuses or status in query.statuses:
        return attrs.evolve(query, statuses=frozenset({status}))
    return attrs.evolve(query, limit=0)
