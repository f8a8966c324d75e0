"""Download items in SQLite."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from aniworld_core.domain.downloads import (
    Claim,
    DownloadItem,
    DownloadStatus,
    Progress,
    claim_order,
)
from aniworld_core.domain.identity import EpisodeRef, ItemId, WorkerId
from aniworld_core.errors import (
    AlreadyQueuedError,
    ClaimLostError,
    ItemActiveError,
    ItemNotFoundError,
    StaleItemError,
)
from aniworld_core.ports.queue import QueueRepository
from aniworld_sqlite._database import Database
from aniworld_sqlite._rows import Values, item_from_row, item_values, progress_values
from aniworld_sqlite._schema import UtcTime, anime_series
from aniworld_sqlite._schema import download_queue_item as table

_SETTLED: Final = frozenset({DownloadStatus.COMPLETED, DownloadStatus.FAILED})
_ORDER: Final = (table.c.priority.desc(), table.c.place, table.c.added_at, table.c.id)
#: Ids per statement; below what any build of SQLite allows.
_BATCH: Final = 500


def _status(status: DownloadStatus) -> sa.ColumnElement[bool]:
    # Written out: of a bound value the planner knows nothing when it chooses the index.
    return table.c.status == sa.literal_column(f"'{status.value}'")


_SINCE: Final = sa.bindparam("since", type_=UtcTime())
#: Finds and starts an item in one statement, so that nobody comes between.
CLAIM: Final = (
    sa.update(table)
    .where(
        table.c.id
        == sa.select(table.c.id)
        .where(
            _status(DownloadStatus.PENDING),
            table.c.not_before.is_(None) | (table.c.not_before <= _SINCE),
        )
        .order_by(*_ORDER)
        .limit(sa.literal_column("1"))
        .scalar_subquery()
    )
    .values(
        status=DownloadStatus.DOWNLOADING.value,
        claim_worker=sa.bindparam("worker"),
        claim_at=_SINCE,
        claim_expires_at=sa.bindparam("until", type_=UtcTime()),
        error=None,
        error_kind=None,
        error_category=None,
        error_retryable=None,
        error_link=None,
        error_values=None,
        not_before=None,
        started_at=_SINCE,
        completed_at=None,
        revision=table.c.revision + 1,
    )
    .returning(table)
)


@attrs.define(eq=False)
class SqliteQueueRepository(QueueRepository):
    """Download items in the table `download_queue_item`.

    What a user was told of (added, saved, removed) survives a power failure. Claims and progress
    need not: a claim that is lost leaves its item pending, which is right after a power failure.
    """

    _database: Database

    async def add(self, items: Sequence[DownloadItem]) -> None:
        if items:
            batch = [attrs.evolve(item, revision=0) for item in items]
            await self._database.write(lambda connection: _add(connection, batch))

    async def get(self, item_id: ItemId) -> DownloadItem:
        return await self._database.read(lambda connection: _get(connection, item_id))

    async def find(
        self, *, statuses: Collection[DownloadStatus] | None = None, limit: int | None = None
    ) -> Sequence[DownloadItem]:
        query = sa.select(table).order_by(*_ORDER).limit(limit)
        if statuses is not None:
            query = query.where(sa.or_(sa.false(), *map(_status, sorted(statuses))))
        return await self._database.read(lambda connection: _items(connection, query))

    async def marks(self) -> Mapping[ItemId, tuple[int, DownloadStatus]]:
        query = sa.select(table.c.id, table.c.revision, table.c.status)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {ItemId(each): (revision, DownloadStatus(status)) for each, revision, status in rows}

    async def counts(self) -> Mapping[DownloadStatus, int]:
        query = sa.select(table.c.status, sa.func.count()).group_by(table.c.status)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        found = {DownloadStatus(status): count for status, count in rows}
        return {status: found.get(status, 0) for status in DownloadStatus}

    async def revision(self) -> str:
        return await self._database.revision()

    async def claim_next(self, claim: Claim) -> DownloadItem | None:
        given = {"worker": claim.worker, "since": claim.at, "until": claim.expires_at}
        row = await self._database.write(
            lambda connection: connection.execute(CLAIM, given).mappings().one_or_none(),
            durable=False,
        )
        return None if row is None else item_from_row(row)

    async def renew(self, item_id: ItemId, claim: Claim) -> None:
        update = (
            sa.update(table)
            .where(
                table.c.id == item_id,
                _status(DownloadStatus.DOWNLOADING),
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
            .where(table.c.id == item_id, _status(DownloadStatus.DOWNLOADING))
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

    async def prune(self, *, status: DownloadStatus, keep: int) -> int:
        if status not in _SETTLED:
            return 0
        old = (
            sa.select(table.c.id)
            .where(_status(status))
            .order_by(table.c.completed_at.desc(), table.c.id.desc())
            .limit(-1)
            .offset(max(keep, 0))
        )
        delete = sa.delete(table).where(table.c.id.in_(old))
        return await self._database.write(lambda c: c.execute(delete).rowcount)

    async def _touch(self, item_id: ItemId, update: sa.Update) -> None:
        """Note something of an active item that need not survive a power failure."""
        if not await self._database.write(lambda c: c.execute(update).rowcount, durable=False):
            raise ClaimLostError(item_id)

    async def _release(self, lost: sa.ColumnElement[bool]) -> Sequence[DownloadItem]:
        query = sa.select(table).where(_status(DownloadStatus.DOWNLOADING), lost).order_by(*_ORDER)
        # Nearly always there is nothing to release, and reading does not wait for writers.
        if not await self._database.read(lambda c: c.execute(query.limit(1)).all()):
            return ()
        return await self._database.write(lambda connection: _release(connection, query))


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
    # Not `begin_nested`: on a full disk SQLite gives the whole transaction up, and the failure to
    # roll the savepoint back would hide the reason.
    connection.exec_driver_sql("SAVEPOINT batch")
    try:
        connection.execute(sa.insert(table), rows)
    except IntegrityError as exc:
        connection.exec_driver_sql("ROLLBACK TO batch")
        taken = _taken(connection, items)
        raise AlreadyQueuedError(taken.series_key, taken.code) from exc


def _series_copies(connection: sa.Connection, keys: Iterable[str]) -> dict[str, Values]:
    """What items copy from their series, for whoever reads the table; empty if it is unknown."""
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
    """Find which of the refused items it was, now that none of them is there any more."""
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
        _status(DownloadStatus.PENDING) | _status(DownloadStatus.DOWNLOADING),
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
        active = sa.select(table.c.id).where(chosen, _status(DownloadStatus.DOWNLOADING)).limit(1)
        for (item_id,) in connection.execute(active):
            raise ItemActiveError(item_id)
        removed += connection.execute(sa.delete(table).where(chosen)).rowcount
    return removed
