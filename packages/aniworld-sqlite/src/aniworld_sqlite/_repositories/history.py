"""The history in SQLite."""

from collections.abc import Sequence

import attrs
import sqlalchemy as sa

from aniworld_core.domain.automation import (
    Actor,
    ActorKind,
    HistoryEntry,
    HistoryKind,
    HistoryQuery,
)
from aniworld_core.domain.catalogue import Page
from aniworld_core.domain.identity import ChangeId, JobId, SeriesKey
from aniworld_core.messages import message_from_wire, message_to_wire
from aniworld_core.ports.history import HistoryRepository
from aniworld_sqlite._dialects import Transactions
from aniworld_sqlite._repositories.rows import Values
from aniworld_sqlite._schema import history as table


@attrs.define(eq=False)
class SqlHistoryRepository(HistoryRepository):
    """Entries in the table `history`."""

    _database: Transactions

    async def add(self, entries: Sequence[HistoryEntry]) -> None:
        if not entries:
            return
        insert = sa.insert(table)

        def work(connection: sa.Connection) -> None:
            connection.execute(insert, [_values(entry) for entry in entries])

        await self._database.write(work, durable=False)

    async def find(self, query: HistoryQuery) -> Page[HistoryEntry]:
        conditions = _conditions(query)
        newest = sa.select(table).where(*conditions).order_by(table.c.id.desc())
        part = newest.limit(query.limit).offset(query.offset)
        count = sa.select(sa.func.count()).select_from(table).where(*conditions)

        def work(connection: sa.Connection) -> Page[HistoryEntry]:
            total = connection.execute(count).scalar_one()
            rows = connection.execute(part).mappings()
            return Page(tuple(_entry(row) for row in rows), int(total))

        return await self._database.read(work)

    async def prune(self, keep: int) -> int:
        newest = sa.select(table.c.id).order_by(table.c.id.desc()).limit(1).offset(keep)
        delete = sa.delete(table).where(table.c.id <= newest.scalar_subquery())
        return await self._database.write(lambda c: c.execute(delete).rowcount)


def _conditions(query: HistoryQuery) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if query.kinds:
        conditions.append(table.c.kind.in_(sorted(query.kinds)))
    if query.key is not None:
        conditions.append(table.c.series_key == query.key)
    if query.season is not None:
        conditions.append(table.c.season == query.season)
    if query.number is not None:
        conditions.append(table.c.number == query.number)
    if query.search:
        conditions.append(table.c.folded.contains(query.search.casefold(), autoescape=True))
    return conditions


def _values(entry: HistoryEntry) -> Values:
    return {
        "kind": entry.kind,
        "at": entry.at,
        "actor": entry.by.kind,
        "actor_name": entry.by.name,
        "title": entry.title,
        "series_key": entry.key,
        "season": entry.season,
        "number": entry.number,
        "detail": {"detail": message_to_wire(entry.detail)} if entry.detail else None,
        "file": entry.file,
        "change_id": entry.change_id,
        "change_origin": entry.change_origin,
        "job_id": entry.job_id,
        # SQLite compares ASCII letters only; a line break keeps a needle from spanning both.
        "folded": f"{entry.title}\n{entry.file or ''}".casefold(),
    }


def _entry(row: sa.RowMapping) -> HistoryEntry:
    detail = row["detail"]
    return HistoryEntry(
        id=row["id"],
        kind=HistoryKind(row["kind"]),
        at=row["at"],
        by=Actor(ActorKind(row["actor"]), row["actor_name"]),
        title=row["title"],
        key=None if row["series_key"] is None else SeriesKey(row["series_key"]),
        season=row["season"],
        number=row["number"],
        detail="" if detail is None else message_from_wire(detail["detail"]),
        file=row["file"],
        change_id=None if row["change_id"] is None else ChangeId(row["change_id"]),
        change_origin=row["change_origin"],
        job_id=None if row["job_id"] is None else JobId(row["job_id"]),
    )
