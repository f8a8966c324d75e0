"""Queue items in SQLite: add, claim, save, release and remove them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from aniworld_core.domain.catalogue import Page
from aniworld_core.domain.downloads import (
    HELD_STATUSES,
    SETTLED_STATUSES,
    CataloguePlace,
    Claim,
    DownloadItem,
    DownloadStatus,
    Failure,
    ItemQuery,
    Priority,
    Progress,
    QueueChanges,
    QueueEntry,
    QueueOverview,
    RestingCatalogue,
    SeriesItems,
    Step,
    claim_order,
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
from aniworld_sqlite._dialects import Transactions
from aniworld_sqlite._repositories import listing as _listing
from aniworld_sqlite._repositories import resting as _resting
from aniworld_sqlite._repositories.claims import next_claim_at, start_next
from aniworld_sqlite._repositories.listing import CLAIM_ORDER, has_status
from aniworld_sqlite._repositories.rows import Values, item_from_row, item_values, progress_values
from aniworld_sqlite._schema import anime_series
from aniworld_sqlite._schema import download_queue_item as table

#: Ids per statement; below the variable limit of every SQLite build.
_BATCH: Final = 500


@attrs.define(eq=False)
class SqlQueueRepository(QueueRepository):
    """Queue items in the table `download_queue_item`.

    Added, saved and removed items survive a power failure. Claims and progress need not: an item
    without its claim is pending, which is correct after a power failure.
    """

    _database: Transactions

    async def add(self, items: Sequence[DownloadItem]) -> None:
        if items:
            batch = [attrs.evolve(item, revision=0) for item in items]
            await self._database.write(lambda connection: _add(connection, batch))

    async def get(self, item_id: ItemId) -> DownloadItem:
        return await self._database.read(lambda connection: _get(connection, item_id))

    async def find(
        self,
        *,
        statuses: Collection[DownloadStatus] | None = None,
        series_key: SeriesKey | None = None,
        id_prefix: str = "",
        limit: int | None = None,
    ) -> Sequence[DownloadItem]:
        return await self._database.read(
            lambda connection: _listing.find(
                connection,
                statuses=statuses,
                series_key=series_key,
                id_prefix=id_prefix,
                limit=limit,
            )
        )

    async def open_items(self, episodes: Collection[EpisodeRef]) -> Mapping[EpisodeRef, ItemId]:
        return await self._database.read(lambda c: _listing.open_items(c, episodes))

    async def entries(self, item_ids: Collection[ItemId]) -> Sequence[QueueEntry]:
        return await self._database.read(lambda c: _listing.entries_of(c, item_ids))

    async def page(self, query: ItemQuery) -> Page[QueueEntry]:
        return await self._database.read(lambda connection: _listing.page(connection, query))

    async def ids(self, query: ItemQuery) -> Sequence[ItemId]:
        return await self._database.read(lambda c: _listing.matching_ids(c, query))

    async def series_page(self, query: ItemQuery) -> Page[SeriesItems]:
        return await self._database.read(lambda c: _listing.series_page(c, query))

    async def overview(self, statuses: Collection[DownloadStatus], *, limit: int) -> QueueOverview:
        return await self._database.read(lambda c: _listing.overview(c, statuses, limit))

    async def counts(self) -> Mapping[DownloadStatus, int]:
        return await self._database.read(_listing.counts)

    async def revision(self) -> str:
        return await self._database.revision()

    async def changes_since(self, sequence: int | None) -> QueueChanges:
        return await self._database.read(lambda c: _listing.changes_since(c, sequence))

    async def claim_next(
        self, claim: Claim, *, only: Collection[ItemId] | None = None
    ) -> DownloadItem | None:
        # An idle worker calls this often, and a read does not wait for writers.
        at = await self.next_claim_at(claim.at, only=only)
        if at is None or at > claim.at:
            return None
        given = {"worker": claim.worker, "since": claim.at, "until": claim.expires_at}
        return await self._database.write(
            lambda c: start_next(c, given, only), durable=self._database.is_remote
        )

    async def next_claim_at(
        self, now: datetime, *, only: Collection[ItemId] | None = None
    ) -> datetime | None:
        return await self._database.read(lambda c: next_claim_at(c, now, only))

    async def delay_catalogue(
        self, place: CataloguePlace, failure: Failure, until: datetime
    ) -> int:
        return await self._database.write(lambda c: _resting.delay(c, place, failure, until))

    async def wake_catalogue(self, name: str | None) -> int:
        return await self._database.write(lambda c: _resting.wake(c, name))

    async def resting(self, now: datetime) -> Sequence[RestingCatalogue]:
        return await self._database.read(lambda c: _resting.resting(c, now))

    async def move_first(self, item_ids: Sequence[ItemId]) -> Sequence[DownloadItem]:
        ids = list(dict.fromkeys(item_ids))
        return await self._database.write(lambda connection: _move_first(connection, ids))

    async def renew(self, item_id: ItemId, claim: Claim) -> None:
        update = (
            sa.update(table)
            .where(
                table.c.id == item_id,
                has_status(DownloadStatus.DOWNLOADING),
                table.c.claim_worker == claim.worker,
            )
            .values(claim_at=claim.at, claim_expires_at=claim.expires_at)
        )
        await self._touch(item_id, update)

    async def save(self, item: DownloadItem) -> DownloadItem:
        return await self._database.write(lambda connection: _save(connection, item))

    async def record_progress(
        self, item_id: ItemId, progress: Progress, *, worker: WorkerId | None = None
    ) -> None:
        update = (
            sa.update(table)
            .where(table.c.id == item_id, has_status(DownloadStatus.DOWNLOADING))
            .values(progress_values(progress))
        )
        if worker is not None:
            update = update.where(table.c.claim_worker == worker)
        await self._touch(item_id, update)

    async def release_expired(
        self, now: datetime, *, spare: Collection[WorkerId] = ()
    ) -> Sequence[DownloadItem]:
        expired = table.c.claim_expires_at <= now
        return await self._release(expired & table.c.claim_worker.not_in(spare))

    async def release_held_by(self, worker: WorkerId) -> Sequence[DownloadItem]:
        return await self._release(table.c.claim_worker == worker)

    async def remove(self, item_ids: Collection[ItemId]) -> int:
        ids = list(item_ids)
        return await self._database.write(lambda connection: _remove(connection, ids))

    async def clear(self, status: DownloadStatus) -> Sequence[ItemId]:
        return await self._database.write(lambda connection: _clear(connection, status))

    async def prune(self, *, status: DownloadStatus, keep: int) -> int:
        if status not in SETTLED_STATUSES:
            return 0
        return await self._database.write(lambda connection: _prune(connection, status, keep))

    async def _touch(self, item_id: ItemId, update: sa.Update) -> None:
        """Update an active item; a power failure may lose the change."""
        if not await self._database.write(lambda c: c.execute(update).rowcount, durable=False):
            raise ClaimLostError(item_id)

    async def _release(self, lost: sa.ColumnElement[bool]) -> Sequence[DownloadItem]:
        query = (
            sa.select(table)
            .where(has_status(DownloadStatus.DOWNLOADING), lost)
            .order_by(*CLAIM_ORDER)
        )
        # Usually there is nothing to release, and a read does not wait for writers.
        if not await self._database.read(lambda c: c.execute(query.limit(1)).all()):
            return ()
        return await self._database.write(lambda connection: _release(connection, query))


def _move_first(connection: sa.Connection, ids: Sequence[ItemId]) -> Sequence[DownloadItem]:
    items = [_get(connection, item_id) for item_id in ids]
    for item in items:
        item.status_after(Step.MOVE)
    first = _lowest_place(connection) - len(items)
    moved = [attrs.evolve(item, place=first + offset) for offset, item in enumerate(items)]
    return tuple(sorted((_save(connection, item) for item in moved), key=claim_order))


def _lowest_place(connection: sa.Connection) -> int:
    """Return the lowest position of a pending item; each priority has its own lowest position."""
    places: list[int] = []
    for priority in Priority:
        of_priority = table.c.priority == sa.literal_column(str(int(priority)))
        query = sa.select(table.c.place).where(has_status(DownloadStatus.PENDING), of_priority)
        places += connection.execute(query.order_by(*CLAIM_ORDER).limit(1)).scalars()
    return min(places, default=0)


def _clear(connection: sa.Connection, status: DownloadStatus) -> Sequence[ItemId]:
    if status.traits.is_held:
        for held in connection.execute(sa.select(table.c.id).where(has_status(status)).limit(1)):
            raise ItemActiveError(held.id)
    delete = sa.delete(table).where(has_status(status)).returning(table.c.id)
    return connection.execute(delete).scalars().all()


def _prune(connection: sa.Connection, status: DownloadStatus, keep: int) -> int:
    surplus = _listing.counts(connection)[status] - max(keep, 0)
    if surplus <= 0:
        return 0
    oldest = (
        sa.select(table.c.id)
        .where(has_status(status))
        .order_by(table.c.completed_at.nulls_first(), table.c.id)
        .limit(surplus)
    )
    return connection.execute(sa.delete(table).where(table.c.id.in_(oldest))).rowcount


def _items(connection: sa.Connection, query: sa.Select[tuple[object, ...]]) -> list[DownloadItem]:
    return [item_from_row(row) for row in connection.execute(query).mappings()]


def _get(connection: sa.Connection, item_id: ItemId) -> DownloadItem:
    found = _items(connection, sa.select(table).where(table.c.id == item_id))
    if not found:
        raise ItemNotFoundError(item_id)
    return found[0]


def _add(connection: sa.Connection, items: Sequence[DownloadItem]) -> None:
    copies = _series_copies(connection, {item.episode.series_key for item in items})
    rows = [item_values(item) | copies[item.episode.series_key] for item in items]
    # Not `begin_nested`: on a full disk SQLite rolls the whole transaction back, and the failed
    # rollback of the savepoint would hide the reason.
    connection.exec_driver_sql("SAVEPOINT batch")
    try:
        connection.execute(sa.insert(table), rows)
    except IntegrityError as exc:
        connection.exec_driver_sql("ROLLBACK TO batch")
        taken = _taken(connection, items)
        raise AlreadyQueuedError(taken.series_key, taken.code) from exc


def _series_copies(connection: sa.Connection, keys: Iterable[str]) -> dict[str, Values]:
    """Return the series columns that are copied into items for people who read the table."""
    copies: dict[str, Values] = {}
    for key in keys:
        row = connection.execute(
            sa.select(anime_series.c.id, anime_series.c.folder, anime_series.c.name).where(
                anime_series.c.key == key
            )
        ).one_or_none()
        series_id, folder, name = (None, None, None) if row is None else row
        copies[key] = {"series_id": series_id, "serie_folder": folder, "serie_name": name}
    return copies


def _taken(connection: sa.Connection, items: Sequence[DownloadItem]) -> EpisodeRef:
    """Return the episode of the rejected item, after the rollback."""
    ids: set[ItemId] = set()
    wanted: set[EpisodeRef] = set()
    for item in items:
        rivals = sa.select(table.c.id).where((table.c.id == item.id) | _open_rival(item))
        doubled = item.id in ids or (item.is_open and item.episode in wanted)
        if doubled or connection.execute(rivals.limit(1)).all():
            return item.episode
        ids.add(item.id)
        wanted |= {item.episode} if item.is_open else set()
    return items[0].episode


def _open_rival(item: DownloadItem) -> sa.ColumnElement[bool]:
    if not item.is_open:
        return sa.false()
    return sa.and_(
        table.c.serie_id == item.episode.series_key,
        table.c.season == item.episode.season,
        table.c.episode == item.episode.number,
        table.c.is_open,
    )


def _save(connection: sa.Connection, item: DownloadItem) -> DownloadItem:
    stored = attrs.evolve(item, revision=item.revision + 1)
    update = (
        sa.update(table)
        .where(table.c.id == item.id, table.c.revision == item.revision)
        .values(item_values(stored))
    )
    try:
        replaced = connection.execute(update).rowcount
    except IntegrityError as exc:
        raise AlreadyQueuedError(item.episode.series_key, item.episode.code) from exc
    if not replaced:
        _get(connection, item.id)
        raise StaleItemError(item.id)
    return stored


def _release(
    connection: sa.Connection, query: sa.Select[tuple[object, ...]]
) -> Sequence[DownloadItem]:
    released = [_save(connection, item.requeue()) for item in _items(connection, query)]
    return tuple(sorted(released, key=claim_order))


def _remove(connection: sa.Connection, ids: Sequence[ItemId]) -> int:
    removed = 0
    for start in range(0, len(ids), _BATCH):
        chosen = table.c.id.in_(ids[start : start + _BATCH])
        held = sa.or_(*(has_status(status) for status in HELD_STATUSES))
        active = sa.select(table.c.id).where(chosen, held).limit(1)
        for (item_id,) in connection.execute(active):
            raise ItemActiveError(item_id)
        removed += connection.execute(sa.delete(table).where(chosen)).rowcount
    return removed
