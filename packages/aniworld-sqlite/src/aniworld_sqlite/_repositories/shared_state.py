"""Queue state and scan state in SQLite."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import attrs
import sqlalchemy as sa

from aniworld_core.domain.identity import FolderName, SeriesKey
from aniworld_core.domain.shared_state import QueueControl, ScanNote
from aniworld_core.ports.shared_state import SharedStateRepository
from aniworld_sqlite._dialects import Transactions, inserting, replace
from aniworld_sqlite._repositories.rows import Values, failure_from_row, failure_values
from aniworld_sqlite._schema import queue_control, scan_note, tried_again

_ONLY: Final = {"id": 1}


@attrs.define(eq=False)
class SqlSharedStateRepository(SharedStateRepository):
    """Queue state and scan state, each in the single row of its table."""

    _database: Transactions

    async def queue_control(self) -> QueueControl:
        query = sa.select(*(c for c in queue_control.c if c.name != "id"))
        row = await self._database.read(lambda c: c.execute(query).mappings().one_or_none())
        return QueueControl() if row is None else QueueControl(**row)

    async def change_queue_control(
        self, *, is_stopped: bool | None = None, is_paused: bool | None = None
    ) -> QueueControl:
        given = {"is_stopped": is_stopped, "is_paused": is_paused}
        changed = {name: value for name, value in given.items() if value is not None}
        values = _ONLY | attrs.asdict(QueueControl()) | changed
        # Without a value there is nothing to update, and the statement needs one.
        kept = {"id": queue_control.c.id}

        def write(connection: sa.Connection) -> sa.RowMapping:
            add = inserting(connection.dialect.name, queue_control).values(values)
            upsert = add.on_conflict_do_update(index_elements=["id"], set_=changed or kept)
            query = upsert.returning(queue_control.c.is_stopped, queue_control.c.is_paused)
            return connection.execute(query).mappings().one()

        return QueueControl(**await self._database.write(write))

    async def tried_again(self) -> Mapping[str, datetime]:
        query = sa.select(tried_again)
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        return {row["name"]: row["at"] for row in rows}

    async def note_tried_again(self, name: str, at: datetime) -> None:
        row = {"name": name, "at": at}
        await self._database.write(lambda connection: replace(connection, tried_again, row))

    async def scan_note(self) -> ScanNote | None:
        query = sa.select(scan_note)
        row = await self._database.read(lambda c: c.execute(query).mappings().one_or_none())
        return None if row is None else _note_from_row(row)

    async def note_scan(self, note: ScanNote) -> None:
        values = _note_values(note)
        await self._database.write(
            lambda connection: replace(connection, scan_note, values), durable=False
        )


def _note_values(note: ScanNote) -> Values:
    kept = attrs.asdict(note, recurse=False)
    return _ONLY | failure_values(kept.pop("failure")) | kept


def _note_from_row(row: sa.RowMapping) -> ScanNote:
    return ScanNote(
        process=row["process"],
        scan_id=row["scan_id"],
        status=row["status"],
        started_at=row["started_at"],
        noted_at=row["noted_at"],
        done=row["done"],
        total=row["total"],
        key=None if row["key"] is None else SeriesKey(row["key"]),
        folder=None if row["folder"] is None else FolderName(row["folder"]),
        series=row["series"],
        files=row["files"],
        missing=row["missing"],
        failure=failure_from_row(row),
    )
