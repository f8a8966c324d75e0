"""The schedule in SQLite."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import attrs
import sqlalchemy as sa

from aniworld_core.domain.automation import ScheduleState
from aniworld_core.ports.schedule import ScheduleRepository
from aniworld_sqlite._dialects import Transactions, replace
from aniworld_sqlite._repositories.rows import schedule_from_row, schedule_values
from aniworld_sqlite._schema import schedule_state as table

_ONLY: Final = {"id": 1}


@attrs.define(eq=False)
class SqlScheduleRepository(ScheduleRepository):
    """The schedule in the single row of the table `schedule_state`."""

    _database: Transactions

    async def get(self) -> ScheduleState:
        return await self._database.read(_stored)

    async def begin(self, holder: str, *, now: datetime, until: datetime) -> bool:
        return await self._change(lambda state: state.begin(holder, now, until))

    async def end(self, holder: str, result: str) -> None:
        await self._change(lambda state: state.end(holder, result))

    async def _change(self, step: Callable[[ScheduleState], ScheduleState | None]) -> bool:
        """Replace the state with the result of *step*, as the only writer; `None` keeps it."""

        def change(connection: sa.Connection) -> bool:
            stored = _stored(connection)
            changed = step(stored)
            if changed is not None and changed != stored:
                replace(connection, table, _ONLY | schedule_values(changed))
            return changed is not None

        return await self._database.write(change)


def _stored(connection: sa.Connection) -> ScheduleState:
    columns = [column for column in table.c if column.name not in _ONLY]
    row = connection.execute(sa.select(*columns)).mappings().one_or_none()
    return ScheduleState() if row is None else schedule_from_row(row)
