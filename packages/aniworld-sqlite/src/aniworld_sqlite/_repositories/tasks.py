"""The runs of background tasks in SQLite."""

from collections.abc import Callable, Sequence
from datetime import datetime

import attrs
import sqlalchemy as sa

from aniworld_core.domain.automation import TaskOutcome, TaskRun, begin_run
from aniworld_core.messages import message_from_wire, message_to_wire
from aniworld_core.ports.tasks import TaskRepository
from aniworld_sqlite._dialects import Transactions, replace
from aniworld_sqlite._repositories.rows import Values
from aniworld_sqlite._schema import task_run as table


@attrs.define(eq=False)
class SqlTaskRepository(TaskRepository):
    """One row for each task in the table `task_run`."""

    _database: Transactions

    async def find(self) -> Sequence[TaskRun]:
        query = sa.select(table).order_by(table.c.name)
        return await self._database.read(
            lambda c: tuple(_run(row) for row in c.execute(query).mappings())
        )

    async def begin(
        self, name: str, holder: str, *, now: datetime, is_free: bool = False
    ) -> TaskRun | None:
        return await self._change(
            name, lambda stored: begin_run(stored, name, holder, now, is_free=is_free)
        )

    async def renew(self, name: str, holder: str, *, until: datetime) -> bool:
        def step(stored: TaskRun | None) -> TaskRun | None:
            is_held = stored is not None and stored.holder == holder
            return stored.renew(holder, until) if stored is not None and is_held else None

        return await self._change(name, step) is not None

    async def end(
        self,
        name: str,
        holder: str,
        *,
        outcome: TaskOutcome,
        at: datetime | None,
        seconds: float | None,
        result: str,
    ) -> None:
        def step(stored: TaskRun | None) -> TaskRun | None:
            if stored is None:
                return None
            return stored.end(holder, outcome=outcome, at=at, seconds=seconds, result=result)

        await self._change(name, step)

    async def _change(
        self, name: str, step: Callable[[TaskRun | None], TaskRun | None]
    ) -> TaskRun | None:
        """Replace the run with the result of *step*, as the only writer; `None` keeps it."""
        query = sa.select(table).where(table.c.name == name)

        def change(connection: sa.Connection) -> TaskRun | None:
            row = connection.execute(query).mappings().one_or_none()
            stored = None if row is None else _run(row)
            changed = step(stored)
            if changed is not None and changed != stored:
                replace(connection, table, _values(changed))
            return changed

        # A power failure may lose the last run, as it interrupts it.
        return await self._database.write(change, durable=self._database.is_remote)


def _values(run: TaskRun) -> Values:
    return {
        "name": run.name,
        "started_at": run.started_at,
        "holder": run.holder,
        "held_until": run.held_until,
        "finished_at": run.finished_at,
        "seconds": run.seconds,
        "outcome": run.outcome,
        "result": {"result": message_to_wire(run.result)} if run.result else None,
    }


def _run(row: sa.RowMapping) -> TaskRun:
    result = row["result"]
    return TaskRun(
        name=row["name"],
        started_at=row["started_at"],
        holder=row["holder"],
        held_until=row["held_until"],
        finished_at=row["finished_at"],
        seconds=row["seconds"],
        outcome=None if row["outcome"] is None else TaskOutcome(row["outcome"]),
        result="" if result is None else message_from_wire(result["result"]),
    )
