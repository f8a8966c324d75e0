"""Queue items in memory, with the log of their changes."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import anyio.lowlevel
import attrs

from aniworld_core.domain.catalogue import Page
from aniworld_core.domain.downloads import (
    RESTS,
    SETTLED_STATUSES,
    CataloguePlace,
    Claim,
    DownloadItem,
    DownloadStatus,
    Failure,
    ItemChange,
    ItemQuery,
    ListOrder,
    Progress,
    QueueChanges,
    QueueEntry,
    QueueOverview,
    RestingCatalogue,
    SeriesItems,
    Step,
    claim_order,
    next_claimable,
    rests_at,
)
from aniworld_core.domain.identity import EpisodeRef, ItemId, SeriesKey, WorkerId
from aniworld_core.errors import (
    AlreadyQueuedError,
    ClaimLostError,
    ItemActiveError,
    ItemNotFoundError,
    StaleItemError,
)
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.testing.memory.series import MemorySeriesRepository

_T = TypeVar("_T")

#: Changes of the queue that `changes_since` can list.
REMEMBERED_CHANGES = 1000
#: Sorts items without an end behind all others.
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@attrs.define(eq=False)
class MemoryQueueRepository(QueueRepository):
    """Queue items in a dict."""

    _series: MemorySeriesRepository = attrs.field(factory=MemorySeriesRepository)
    #: Item and former status of every change, oldest first.
    _log: list[tuple[ItemId, DownloadStatus | None]] = attrs.field(factory=list, init=False)
    _items: dict[ItemId, DownloadItem] = attrs.field(factory=dict, init=False)
    _changes: int = attrs.field(default=0, init=False)

    async def add(self, items: Sequence[DownloadItem]) -> None:
        await anyio.lowlevel.checkpoint()
        grown = dict(self._items)
        for item in items:
            if item.id in grown:
                raise AlreadyQueuedError(item.episode.series_key, item.episode.code)
            _require_only_open(item, grown)
            grown[item.id] = attrs.evolve(item, revision=0)
        self._items = grown
        self._changes += 1
        self._log += ((item.id, None) for item in items)

    async def get(self, item_id: ItemId) -> DownloadItem:
        await anyio.lowlevel.checkpoint()
        return self._stored(item_id)

    async def find(
        self,
        *,
        statuses: Collection[DownloadStatus] | None = None,
        series_key: SeriesKey | None = None,
        id_prefix: str = "",
        limit: int | None = None,
    ) -> Sequence[DownloadItem]:
        await anyio.lowlevel.checkpoint()
        found = (
            item
            for item in self._items.values()
            if (statuses is None or item.status in statuses)
            and series_key in (None, item.episode.series_key)
            and item.id.startswith(id_prefix)
        )
        return tuple(sorted(found, key=claim_order)[:limit])

    async def open_items(self, episodes: Collection[EpisodeRef]) -> Mapping[EpisodeRef, ItemId]:
        await anyio.lowlevel.checkpoint()
        chosen = set(episodes)
        open_items = (item for item in self._items.values() if item.is_open)
        return {item.episode: item.id for item in open_items if item.episode in chosen}

    async def entries(self, item_ids: Collection[ItemId]) -> Sequence[QueueEntry]:
        await anyio.lowlevel.checkpoint()
        found = [self._items[i] for i in set(item_ids) if i in self._items]
        return tuple(self._entry(item) for item in sorted(found, key=claim_order))

    async def page(self, query: ItemQuery) -> Page[QueueEntry]:
        await anyio.lowlevel.checkpoint()
        return _part(self._selected(query), query)

    async def ids(self, query: ItemQuery) -> Sequence[ItemId]:
        return tuple(entry.item.id for entry in (await self.page(query)).items)

    async def series_page(self, query: ItemQuery) -> Page[SeriesItems]:
        await anyio.lowlevel.checkpoint()
        groups: dict[SeriesKey, list[QueueEntry]] = {}
        for entry in self._selected(query):
            groups.setdefault(entry.item.episode.series_key, []).append(entry)
        found = [
            SeriesItems(
                series_key=key,
                name=entries[0].series_name,
                counts=Counter(entry.item.status for entry in entries),
            )
            for key, entries in groups.items()
        ]
        return _part(found, query)

    async def overview(self, statuses: Collection[DownloadStatus], *, limit: int) -> QueueOverview:
        await anyio.lowlevel.checkpoint()
        return QueueOverview(
            counts=self._counts(),
            downloaded={
                status: sum(i.progress.downloaded_bytes for i in self._listed(status))
                for status in DownloadStatus
            },
            lists={s: tuple(map(self._entry, self._listed(s)[:limit])) for s in statuses},
        )

    async def counts(self) -> Mapping[DownloadStatus, int]:
        await anyio.lowlevel.checkpoint()
        return self._counts()

    async def revision(self) -> str:
        await anyio.lowlevel.checkpoint()
        return str(self._changes)

    async def changes_since(self, sequence: int | None) -> QueueChanges:
        await anyio.lowlevel.checkpoint()
        newest = len(self._log)
        if sequence is None or sequence == newest:
            return QueueChanges(sequence=newest)
        first: dict[ItemId, DownloadStatus | None] = {}
        last: dict[ItemId, None] = {}
        for item_id, before in self._log[max(sequence, newest - REMEMBERED_CHANGES) :]:
            first.setdefault(item_id, before)
            last.pop(item_id, None)
            last[item_id] = None
        return QueueChanges(
            sequence=newest,
            changes=tuple(
                ItemChange(item_id=i, before=first[i], item=self._items.get(i)) for i in last
            ),
            is_complete=newest - REMEMBERED_CHANGES <= sequence <= newest,
        )

    async def claim_next(
        self, claim: Claim, *, only: Collection[ItemId] | None = None
    ) -> DownloadItem | None:
        await anyio.lowlevel.checkpoint()
        chosen = (i for i in self._items.values() if only is None or i.id in only)
        item = next_claimable(chosen, claim.at)
        return None if item is None else self._replace(item.start(claim))

    async def next_claim_at(
        self, now: datetime, *, only: Collection[ItemId] | None = None
    ) -> datetime | None:
        await anyio.lowlevel.checkpoint()
        pending = (i for i in self._items.values() if i.status is DownloadStatus.PENDING)
        times = (max(i.not_before or now, now) for i in pending if only is None or i.id in only)
        return min(times, default=None)

    async def delay_catalogue(
        self, place: CataloguePlace, failure: Failure, until: datetime
    ) -> int:
        await anyio.lowlevel.checkpoint()
        delayed = 0
        for item in tuple(self._items.values()):
            series = self._series.stored(item.episode.series_key)
            is_sooner = item.not_before is None or item.not_before < until
            if item.status is not DownloadStatus.PENDING or series is None or not is_sooner:
                continue
            if place.lists(series):
                self._replace(attrs.evolve(item, failure=failure, not_before=until))
                delayed += 1
        return delayed

    async def wake_catalogue(self, name: str | None) -> int:
        await anyio.lowlevel.checkpoint()
        woken = [i for i in self._resting() if name in (None, _catalogue_of(i))]
        for item in woken:
            self._replace(attrs.evolve(item, failure=None, not_before=None))
        return len(woken)

    async def resting(self, now: datetime) -> Sequence[RestingCatalogue]:
        await anyio.lowlevel.checkpoint()
        waiting: dict[str, list[DownloadItem]] = {}
        for item in self._resting():
            if rests_at(item, now):
                waiting.setdefault(_catalogue_of(item), []).append(item)
        found = []
        for name, items in sorted(waiting.items()):
            last = max(items, key=lambda i: i.not_before or now)
            if last.failure and last.not_before:
                found.append(
                    RestingCatalogue(
                        name=name, items=len(items), until=last.not_before, failure=last.failure
                    )
                )
        return tuple(found)

    async def move_first(self, item_ids: Sequence[ItemId]) -> Sequence[DownloadItem]:
        await anyio.lowlevel.checkpoint()
        chosen = [self._stored(item_id) for item_id in dict.fromkeys(item_ids)]
        for item in chosen:
            item.status_after(Step.MOVE)
        places = (i.place for i in self._items.values() if i.status is DownloadStatus.PENDING)
        first = min(places, default=0) - len(chosen)
        moved = [attrs.evolve(item, place=first + n) for n, item in enumerate(chosen)]
        return tuple(sorted(map(self._replace, moved), key=claim_order))

    async def renew(self, item_id: ItemId, claim: Claim) -> None:
        await anyio.lowlevel.checkpoint()
        item = self._items.get(item_id)
        if item is None or item.claim is None or item.claim.worker != claim.worker:
            raise ClaimLostError(item_id)
        self._items[item_id] = attrs.evolve(item, claim=claim)
        self._changes += 1

    async def save(self, item: DownloadItem) -> DownloadItem:
        await anyio.lowlevel.checkpoint()
        if self._stored(item.id).revision != item.revision:
            raise StaleItemError(item.id)
        _require_only_open(item, self._items)
        return self._replace(item)

    async def record_progress(
        self, item_id: ItemId, progress: Progress, *, worker: WorkerId | None = None
    ) -> None:
        await anyio.lowlevel.checkpoint()
        item = self._items.get(item_id)
        if item is None or item.claim is None or worker not in (None, item.claim.worker):
            raise ClaimLostError(item_id)
        self._items[item_id] = attrs.evolve(item, progress=progress)
        self._changes += 1

    async def release_expired(
        self, now: datetime, *, spare: Collection[WorkerId] = ()
    ) -> Sequence[DownloadItem]:
        await anyio.lowlevel.checkpoint()
        held = [i for i in self._held() if i.claim and i.claim.worker not in spare]
        return self._release([i for i in held if i.claim and i.claim.expires_at <= now])

    async def release_held_by(self, worker: WorkerId) -> Sequence[DownloadItem]:
        await anyio.lowlevel.checkpoint()
        return self._release([i for i in self._held() if i.claim and i.claim.worker == worker])

    async def remove(self, item_ids: Collection[ItemId]) -> int:
        await anyio.lowlevel.checkpoint()
        doomed = [self._items[i] for i in set(item_ids) if i in self._items]
        for item in doomed:
            if item.status.traits.is_held:
                raise ItemActiveError(item.id)
        return self._delete(doomed)

    async def clear(self, status: DownloadStatus) -> Sequence[ItemId]:
        await anyio.lowlevel.checkpoint()
        doomed = [i for i in self._items.values() if i.status is status]
        if doomed and status.traits.is_held:
            raise ItemActiveError(doomed[0].id)
        self._delete(doomed)
        return [item.id for item in doomed]

    async def prune(self, *, status: DownloadStatus, keep: int) -> int:
        await anyio.lowlevel.checkpoint()
        if status not in SETTLED_STATUSES:
            return 0
        return self._delete(self._listed(status)[max(keep, 0) :])

    def _counts(self) -> Mapping[DownloadStatus, int]:
        statuses = [item.status for item in self._items.values()]
        return {status: statuses.count(status) for status in DownloadStatus}

    def _listed(self, status: DownloadStatus) -> list[DownloadItem]:
        """Return the items of a status in the order of its list."""
        items = [item for item in self._items.values() if item.status is status]
        return _ordered(items, status.traits.order)

    def _resting(self) -> list[DownloadItem]:
        pending = (i for i in self._items.values() if i.status is DownloadStatus.PENDING)
        return [i for i in pending if i.failure is not None and i.failure.kind == RESTS]

    def _selected(self, query: ItemQuery) -> list[QueueEntry]:
        entries = map(self._entry, _ordered(self._items.values(), query.order))
        return [entry for entry in entries if query.selects(entry)]

    def _entry(self, item: DownloadItem) -> QueueEntry:
        return QueueEntry.of(item, self._series.stored(item.episode.series_key))

    def _stored(self, item_id: ItemId) -> DownloadItem:
        try:
            return self._items[item_id]
        except KeyError:
            raise ItemNotFoundError(item_id) from None

    def _replace(self, item: DownloadItem) -> DownloadItem:
        stored = attrs.evolve(item, revision=item.revision + 1)
        self._log.append((item.id, self._items[item.id].status))
        self._items[item.id] = stored
        self._changes += 1
        return stored

    def _held(self) -> Sequence[DownloadItem]:
        return [i for i in self._items.values() if i.status is DownloadStatus.DOWNLOADING]

    def _release(self, items: Sequence[DownloadItem]) -> Sequence[DownloadItem]:
        released = [self._replace(item.requeue()) for item in items]
        return tuple(sorted(released, key=claim_order))

    def _delete(self, items: Sequence[DownloadItem]) -> int:
        for item in items:
            del self._items[item.id]
            self._log.append((item.id, item.status))
            self._changes += 1
        return len(items)


def _catalogue_of(item: DownloadItem) -> str:
    return str(item.failure.values["catalogue"]) if item.failure else ""


def _ordered(items: Iterable[DownloadItem], order: ListOrder) -> list[DownloadItem]:
    if order is ListOrder.NEXT_FIRST:
        return sorted(items, key=claim_order)
    return sorted(items, key=lambda i: (i.completed_at or _BEFORE_ALL, i.id), reverse=True)


def _part(found: Sequence[_T], query: ItemQuery) -> Page[_T]:
    """Return the part of all matches that limit and offset choose."""
    end = None if query.limit is None else query.offset + query.limit
    return Page(tuple(found[query.offset : end]), len(found))


def _require_only_open(item: DownloadItem, among: Mapping[ItemId, DownloadItem]) -> None:
    if not item.is_open:
        return
    for other in among.values():
        if other.is_open and other.episode == item.episode and other.id != item.id:
            raise AlreadyQueuedError(item.episode.series_key, item.episode.code)
