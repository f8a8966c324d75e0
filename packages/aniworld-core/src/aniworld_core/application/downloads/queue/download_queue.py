"""The queue as people and programs see it: put in, look, reorder, take out."""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import attrs

from aniworld_core.application.downloads.queue.episode_selection import (
    EpisodeRequest,
    Skipped,
    as_selection,
    reason_to_skip,
    selected,
)
from aniworld_core.domain.downloads import (
    OPEN_STATUSES,
    DownloadItem,
    DownloadStatus,
    Priority,
    claim_order,
)
from aniworld_core.domain.identity import EpisodeRef, EpisodeSelection, ItemId, SeriesKey
from aniworld_core.domain.media import Language, Quality
from aniworld_core.errors import (
    AlreadyQueuedError,
    IllegalTransitionError,
    StaleItemError,
)
from aniworld_core.events import ItemQueued, ItemRemoved, ItemRequeued
from aniworld_core.ports.bus import ProgressBus
from aniworld_core.ports.clock import Clock
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository


@attrs.frozen(kw_only=True)
class Submission:
    """What asking for episodes came to."""

    items: tuple[DownloadItem, ...]
    skipped: tuple[Skipped, ...]


@attrs.frozen(kw_only=True)
class QueueSnapshot:
    """The whole queue at one moment, each part in claim order."""

    active: tuple[DownloadItem, ...]
    pending: tuple[DownloadItem, ...]
    completed: tuple[DownloadItem, ...]
    failed: tuple[DownloadItem, ...]


@attrs.define(eq=False, kw_only=True)
class DownloadQueue:
    """Keeps what is to be downloaded, in which order."""

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
        """Queue episodes of a series; what is there or queued already is passed over.

        Args:
            key: Which series.
            episodes: Which episodes; all when `None`.
            missing: Only what the library does not hold.
            languages: Wanted languages in order, instead of the series' or global ones.
            quality: Wanted quality, instead of the series' or global one.
            priority: How urgent.

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

    async def submit(self, key: SeriesKey, request: EpisodeRequest) -> Submission:
        """Queue what is wished for and tell what was passed over, and why.

        Raises:
            SeriesNotFoundError: If the library has no such series.
            EpisodeNotFoundError: If a selection names no episode of the series.
        """
        plan = await self.preview(key, request)
        queued: list[DownloadItem] = []
        skipped = list(plan.skipped)
        try:
            await self._queue.add(plan.items)
            queued += plan.items
        except AlreadyQueuedError:
            # Another process queued one of them meanwhile: settle each by itself.
            for item in plan.items:
                try:
                    await self._queue.add([item])
                    queued.append(item)
                except AlreadyQueuedError:
                    skipped.append(Skipped(episode=item.episode, reason="already in the queue"))
        for item in queued:
            await self._bus.publish(ItemQueued(item=item, at=item.added_at))
        return Submission(items=tuple(queued), skipped=tuple(skipped))

    async def preview(self, key: SeriesKey, request: EpisodeRequest) -> Submission:
        """Tell what `submit` would do; nothing is changed.

        Raises:
            SeriesNotFoundError: If the library has no such series.
            EpisodeNotFoundError: If a selection names no episode of the series.
        """
        series = await self._series.get(key)
        open_items = {item.episode: item for item in await self._queue.find(statuses=OPEN_STATUSES)}
        now = self._clock.now()
        items: list[DownloadItem] = []
        skipped: list[Skipped] = []
        for episode in selected(series, request):
            ref = series.ref(episode)
            reason = reason_to_skip(episode, ref in open_items, again=request.again)
            if reason is None:
                items.append(
                    DownloadItem(
                        id=self._new_id(),
                        episode=ref,
                        added_at=now,
                        priority=request.priority,
                        place=len(items),
                        languages=request.languages,
                        quality=request.quality,
                        replaces=request.again and episode.downloaded,
                    )
                )
            elif not (request.missing_only and episode.downloaded):
                held = open_items.get(ref)
                skipped.append(
                    Skipped(episode=ref, reason=reason, item_id=held.id if held else None)
                )
        return Submission(items=tuple(items), skipped=tuple(skipped))

    async def snapshot(self) -> QueueSnapshot:
        """Return the whole queue."""
        parts: Mapping[DownloadStatus, list[DownloadItem]] = {s: [] for s in DownloadStatus}
        for item in await self._queue.find():
            parts[item.status].append(item)
        return QueueSnapshot(
            active=tuple(parts[DownloadStatus.DOWNLOADING]),
            pending=tuple(parts[DownloadStatus.PENDING]),
            completed=tuple(parts[DownloadStatus.COMPLETED]),
            failed=tuple(parts[DownloadStatus.FAILED]),
        )

    async def remove(self, item_ids: Collection[ItemId]) -> int:
        """Take items out of the queue; what was fetched of them stays on disk.

        Returns:
            How many there were.

        Raises:
            ItemActiveError: If one of them is being downloaded; nothing is removed.
        """
        removed = await self._queue.remove(item_ids)
        for item_id in item_ids:
            await self._bus.publish(ItemRemoved(item_id=item_id, at=self._clock.now()))
        return removed

    async def clear(self, status: DownloadStatus) -> int:
        """Take every item of a settled or pending status out of the queue.

        Returns:
            How many there were.
        """
        items = await self._queue.find(statuses={status})
        return await self.remove([item.id for item in items])

    async def retry(self, item_ids: Collection[ItemId] | None = None) -> Sequence[DownloadItem]:
        """Put failed items back in the queue because a person asked; attempts count anew.

        Args:
            item_ids: Which ones; all failed ones when `None`.

        Raises:
            ItemNotFoundError: If one of them does not exist.
            IllegalTransitionError: If one of them has not failed.
        """
        if item_ids is None:
            failed = await self._queue.find(statuses={DownloadStatus.FAILED})
        else:
            failed = [await self._queue.get(item_id) for item_id in item_ids]
        retried = []
        for item in [item.retry(reset=True) for item in failed]:
            try:
                stored = await self._queue.save(item)
            except AlreadyQueuedError:
                continue  # the episode was queued again meanwhile, which is what was wanted
            retried.append(stored)
            await self._bus.publish(ItemRequeued(item=stored, at=self._clock.now()))
        return retried

    async def reorder(self, item_ids: Sequence[ItemId]) -> Sequence[DownloadItem]:
        """Put pending items first, in the order given, each within its priority.

        Returns:
            The moved items as stored.

        Raises:
            ItemNotFoundError: If one of them does not exist.
            IllegalTransitionError: If one of them is not pending.
        """
        pending = await self._queue.find(statuses={DownloadStatus.PENDING})
        by_id = {item.id: item for item in pending}
        first = min((item.place for item in pending), default=0) - len(item_ids)
        moved = []
        for offset, item_id in enumerate(dict.fromkeys(item_ids)):
            item = by_id.get(item_id) or await self._queue.get(item_id)
            if item.status is not DownloadStatus.PENDING:
                raise IllegalTransitionError(item.id, item.status.value, "be moved")
            moved.append(await self._replace(attrs.evolve(item, place=first + offset)))
        return sorted(moved, key=claim_order)

    async def _replace(self, item: DownloadItem) -> DownloadItem:
        try:
            return await self._queue.save(item)
        except StaleItemError:
            fresh = await self._queue.get(item.id)
            return await self._queue.save(attrs.evolve(fresh, place=item.place))
