"""Storage in memory: for tests, and for programs that need nothing kept.

It passes the same contracts as a database. Nothing is awaited between reading and writing, so
every call is one step for all tasks of the event loop; it is not for several threads.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import anyio.lowlevel
import attrs

from aniworld_core.domain.catalogue import (
    Page,
    Series,
    SeriesFilter,
    SeriesQuery,
    SeriesSort,
    SeriesSummary,
    missing_episodes,
    summarise,
)
from aniworld_core.domain.downloads import (
    SETTLED_STATUSES,
    Claim,
    DownloadItem,
    DownloadStatus,
    ItemChange,
    ItemQuery,
    ListOrder,
    Progress,
    QueueChanges,
    QueueEntry,
    QueueOverview,
    Step,
    claim_order,
    next_claimable,
)
from aniworld_core.domain.identity import EpisodeRef, ItemId, SeriesKey, WorkerId
from aniworld_core.domain.media import Language
from aniworld_core.errors import (
    AlreadyQueuedError,
    ClaimLostError,
    ItemActiveError,
    ItemNotFoundError,
    SeriesExistsError,
    SeriesNotFoundError,
    StaleItemError,
)
from aniworld_core.ports.queue import QueueRepository
from aniworld_core.ports.series import SeriesRepository
from aniworld_core.ports.storage import Storage
from aniworld_core.testing.memory.access import (
    MemoryApiKeyRepository,
    MemoryScheduleRepository,
    MemoryScoreRepository,
    MemorySessionRepository,
    MemorySharedStateRepository,
)
from aniworld_core.testing.memory.changes import MemoryChangeJournal
from aniworld_core.testing.memory.library_files import MemoryLibraryFileRepository

#: Changes of the queue that `changes_since` can list.
REMEMBERED_CHANGES = 1000
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@attrs.define(eq=False)
class MemorySeriesRepository(SeriesRepository):
    """Series in a dict."""

    _series: dict[SeriesKey, Series] = attrs.field(factory=dict, init=False)
    _removed: dict[SeriesKey, Series] = attrs.field(factory=dict, init=False)
    _changes: int = attrs.field(default=0, init=False)

    async def add(self, series: Series) -> None:
        await anyio.lowlevel.checkpoint()
        if series.key in self._series:
            raise SeriesExistsError(series.key)
        self._series[series.key] = series
        self._changes += 1

    async def get(self, key: SeriesKey) -> Series:
        await anyio.lowlevel.checkpoint()
        return self._stored(key)

    async def find(self, *, missing_only: bool = False) -> Sequence[Series]:
        await anyio.lowlevel.checkpoint()
        found = (s for s in self._series.values() if not missing_only or missing_episodes(s))
        return tuple(sorted(found, key=_by_name))

    async def get_many(self, keys: Collection[SeriesKey]) -> Sequence[Series]:
        return tuple(series for series in await self.find() if series.key in set(keys))

    async def heads(self) -> Sequence[Series]:
        return tuple(attrs.evolve(series, episodes=()) for series in await self.find())

    async def missing_count(self) -> int:
        await anyio.lowlevel.checkpoint()
        return sum(len(missing_episodes(series)) for series in self._series.values())

    async def summaries(self, query: SeriesQuery) -> Page[SeriesSummary]:
        await anyio.lowlevel.checkpoint()
        needle = query.search.casefold()
        found = [
            summarise(series)
            for series in sorted(self._series.values(), key=lambda s: s.key)
            if needle in series.name.casefold()
        ]
        if query.filter is not SeriesFilter.ALL:
            wants_missing = query.filter is SeriesFilter.MISSING
            found = [s for s in found if bool(s.missing) is wants_missing]
        match query.sort:
            case SeriesSort.NAME:
                found.sort(key=_by_name)
            case SeriesSort.ADDED:
                found.sort(key=lambda s: s.added_at or _BEFORE_ALL, reverse=True)
            case SeriesSort.MISSING:
                found.sort(key=lambda s: -sum(map(len, s.missing.values())))
        end = None if query.limit is None else query.offset + query.limit
        return Page(tuple(found[query.offset : end]), len(found))

    async def revision(self) -> str:
        await anyio.lowlevel.checkpoint()
        return str(self._changes)

    async def save(self, series: Series) -> None:
        await anyio.lowlevel.checkpoint()
        self._stored(series.key)
        self._series[series.key] = series
        self._changes += 1

    async def save_many(self, changes: Collection[tuple[Series, Series]]) -> None:
        await anyio.lowlevel.checkpoint()
        for before, after in changes:
            if after.key in self._series and before != after:
                self._series[after.key] = _with_changes(self._series[after.key], before, after)
                self._changes += 1

    async def mark_downloaded(
        self, episode: EpisodeRef, file: str, language: Language | None
    ) -> None:
        await anyio.lowlevel.checkpoint()
        series = self._stored(episode.series_key)
        held = attrs.evolve(
            series.episode(episode.season, episode.number),
            downloaded=True,
            file=file,
            file_language=language,
        )
        self._series[series.key] = series.with_episode(held)
        self._changes += 1

    async def remove(self, key: SeriesKey) -> None:
        await anyio.lowlevel.checkpoint()
        self._removed[key] = self._stored(key)
        del self._series[key]
        self._changes += 1

    async def restore(self, key: SeriesKey) -> None:
        await anyio.lowlevel.checkpoint()
        if key in self._series:
            return
        if key not in self._removed:
            raise SeriesNotFoundError(key)
        self._series[key] = self._removed.pop(key)
        self._changes += 1

    def stored(self, key: SeriesKey) -> Series | None:
        """Return the series at once, or `None`; for the queue repository beside it."""
        return self._series.get(key)

    def _stored(self, key: SeriesKey) -> Series:
        try:
            return self._series[key]
        except KeyError:
            raise SeriesNotFoundError(key) from None


def _by_name(series: Series | SeriesSummary) -> tuple[str, str]:
    return (series.name.casefold(), series.key)


def _with_changes(stored: Series, before: Series, after: Series) -> Series:
    """Return the stored series with the differences between two versions."""
    names = [field.name for field in attrs.fields(Series) if field.name != "episodes"]
    changed = {n: getattr(after, n) for n in names if getattr(after, n) != getattr(before, n)}
    old = {(e.season, e.number): e for e in before.episodes}
    new = {(e.season, e.number): e for e in after.episodes}
    episodes = {(e.season, e.number): e for e in stored.episodes}
    for place in old.keys() - new.keys():
        episodes.pop(place, None)
    episodes |= {place: e for place, e in new.items() if old.get(place) != e}
    return attrs.evolve(stored, **changed, episodes=tuple(episodes.values()))


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
        items = await self.find(statuses=query.statuses or None, series_key=query.series_key)
        found = [entry for entry in map(self._entry, items) if entry.matches(query.search)]
        end = None if query.limit is None else query.offset + query.limit
        return Page(tuple(found[query.offset : end]), len(found))

    async def overview(self, statuses: Collection[DownloadStatus], *, limit: int) -> QueueOverview:
        await anyio.lowlevel.checkpoint()
        return QueueOverview(
            counts=self._counts(),
            downloaded_bytes=sum(i.progress.downloaded_bytes for i in self._items.values()),
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
        if status.traits.order is ListOrder.NEXT_FIRST:
            return sorted(items, key=claim_order)
        return sorted(items, key=lambda i: (i.completed_at or _BEFORE_ALL, i.id), reverse=True)

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


def _require_only_open(item: DownloadItem, among: Mapping[ItemId, DownloadItem]) -> None:
    if not item.is_open:
        return
    for other in among.values():
        if other.is_open and other.episode == item.episode and other.id != item.id:
            raise AlreadyQueuedError(item.episode.series_key, item.episode.code)


@attrs.define(eq=False)
class MemoryStorage(Storage):
    """Everything in memory; gone with the object."""

    _series: MemorySeriesRepository = attrs.field(factory=MemorySeriesRepository, init=False)
    _queue: MemoryQueueRepository = attrs.field(
        default=attrs.Factory(lambda self: MemoryQueueRepository(self._series), takes_self=True),
        init=False,
    )
    _sessions: MemorySessionRepository = attrs.field(factory=MemorySessionRepository, init=False)
    _api_keys: MemoryApiKeyRepository = attrs.field(factory=MemoryApiKeyRepository, init=False)
    _schedule: MemoryScheduleRepository = attrs.field(factory=MemoryScheduleRepository, init=False)
    _shared: MemorySharedStateRepository = attrs.field(
        factory=MemorySharedStateRepository, init=False
    )
    _scores: MemoryScoreRepository = attrs.field(factory=MemoryScoreRepository, init=False)
    _changes: MemoryChangeJournal = attrs.field(factory=MemoryChangeJournal, init=False)

    _files: MemoryLibraryFileRepository = attrs.field(
        factory=MemoryLibraryFileRepository, init=False
    )

    @property
    def series(self) -> MemorySeriesRepository:
        return self._series

    @property
    def queue(self) -> MemoryQueueRepository:
        return self._queue

    @property
    def sessions(self) -> MemorySessionRepository:
        return self._sessions

    @property
    def api_keys(self) -> MemoryApiKeyRepository:
        return self._api_keys

    @property
    def schedule(self) -> MemoryScheduleRepository:
        return self._schedule

    @property
    def shared(self) -> MemorySharedStateRepository:
        return self._shared

    @property
    def scores(self) -> MemoryScoreRepository:
        return self._scores

    @property
    def files(self) -> MemoryLibraryFileRepository:
        return self._files

    @property
    def changes(self) -> MemoryChangeJournal:
        return self._changes

    async def ping(self) -> None:
        await anyio.lowlevel.checkpoint()
