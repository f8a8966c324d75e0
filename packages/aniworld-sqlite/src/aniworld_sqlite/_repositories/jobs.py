"""Bulk jobs in SQLite."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import attrs
import sqlalchemy as sa

from aniworld_core.domain.downloads import (
    UNFINISHED_JOBS,
    BulkJob,
    JobStatus,
    JobStep,
    JobStepState,
    action_from_json,
    action_to_json,
)
from aniworld_core.domain.identity import JobId, SeriesKey
from aniworld_core.errors import JobNotFoundError
from aniworld_core.messages import message_from_wire, message_to_wire
from aniworld_core.ports.jobs import JobRepository
from aniworld_sqlite._dialects import Transactions
from aniworld_sqlite._repositories.rows import Values
from aniworld_sqlite._schema import UtcTime
from aniworld_sqlite._schema import bulk_job as jobs
from aniworld_sqlite._schema import bulk_job_step as steps

_UNFINISHED: Final = sorted(UNFINISHED_JOBS)
_SET_STEP: Final = (
    sa.update(steps)
    .where(steps.c.job_id == sa.bindparam("of"), steps.c.series_key == sa.bindparam("key"))
    .values(
        state=sa.bindparam("new_state"),
        note=sa.bindparam("new_note", type_=steps.c.note.type),
        reason=sa.bindparam("new_reason", type_=steps.c.reason.type),
    )
)


@attrs.define(eq=False)
class SqlJobRepository(JobRepository):
    """Jobs in the tables `bulk_job` and `bulk_job_step`."""

    _database: Transactions

    async def add(self, job: BulkJob, keys: Sequence[SeriesKey]) -> BulkJob:
        def work(connection: sa.Connection) -> BulkJob:
            row = sa.insert(jobs).values(_values(job)).returning(jobs.c.id)
            stored = attrs.evolve(job, id=JobId(connection.execute(row).scalar_one()))
            rows = [
                {
                    "job_id": stored.id,
                    "series_key": key,
                    "number": number,
                    "state": JobStepState.WAITING,
                    "note": {},
                }
                for number, key in enumerate(keys)
            ]
            if rows:
                connection.execute(sa.insert(steps), rows)
            return stored

        return await self._database.write(work)

    async def get(self, job_id: JobId) -> BulkJob:
        found = await self._select(sa.select(jobs).where(jobs.c.id == job_id))
        if not found:
            raise JobNotFoundError(job_id)
        return found[0]

    async def find(self, *, limit: int) -> Sequence[BulkJob]:
        return await self._select(sa.select(jobs).order_by(jobs.c.id.desc()).limit(limit))

    async def unfinished(self) -> Sequence[BulkJob]:
        chosen = jobs.c.status.in_(_UNFINISHED)
        return await self._select(sa.select(jobs).where(chosen).order_by(jobs.c.id))

    async def begin(self, job_id: JobId) -> BulkJob:
        waits = jobs.c.status == JobStatus.WAITING
        status = sa.case((waits, JobStatus.RUNNING), else_=jobs.c.status)
        return await self._changed(job_id, {"status": status})

    async def cancel(self, job_id: JobId, at: datetime) -> BulkJob:
        waits = jobs.c.status == JobStatus.WAITING
        is_marked = jobs.c.status.in_(sorted(UNFINISHED_JOBS - {JobStatus.WAITING}))
        values: Values = {
            "status": sa.case((waits, JobStatus.CANCELLED), else_=jobs.c.status),
            "finished_at": sa.case((waits, sa.literal(at, UtcTime)), else_=jobs.c.finished_at),
            "is_cancelled": is_marked,
        }
        return await self._changed(job_id, values)

    async def _changed(self, job_id: JobId, values: Values) -> BulkJob:
        update = sa.update(jobs).where(jobs.c.id == job_id).values(values).returning(jobs)
        row = await self._database.write(lambda c: c.execute(update).mappings().one_or_none())
        if row is None:
            raise JobNotFoundError(job_id)
        return _job(row)

    async def steps(
        self, job_id: JobId, states: Collection[JobStepState], *, limit: int
    ) -> Sequence[JobStep]:
        query = (
            sa.select(steps)
            .where(steps.c.job_id == job_id, steps.c.state.in_(sorted(states)))
            .order_by(steps.c.number)
            .limit(limit)
        )
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        return tuple(
            JobStep(
                key=SeriesKey(row["series_key"]),
                state=JobStepState(row["state"]),
                note=row["note"],
                reason=_text(row["reason"]),
            )
            for row in rows
        )

    async def save(self, job: BulkJob, steps: Collection[JobStep] = ()) -> None:
        update = sa.update(jobs).where(jobs.c.id == job.id).values(_values(job))
        rows = [
            {
                "of": job.id,
                "key": step.key,
                "new_state": step.state,
                "new_note": dict(step.note),
                "new_reason": _wire(step.reason),
            }
            for step in steps
        ]

        def work(connection: sa.Connection) -> None:
            if not connection.execute(update).rowcount:
                raise JobNotFoundError(job.id)
            if rows:
                connection.execute(_SET_STEP, rows)

        # The end of a job must survive a power failure; a repeated step does no harm.
        await self._database.write(work, durable=job.is_finished)

    async def prune(self, keep: int) -> int:
        newest = sa.select(jobs.c.id).order_by(jobs.c.id.desc()).limit(keep)
        old = sa.delete(jobs).where(jobs.c.id.not_in(newest), jobs.c.status.not_in(_UNFINISHED))
        return await self._database.write(lambda c: c.execute(old).rowcount)

    async def _select(self, query: sa.Select[Any]) -> tuple[BulkJob, ...]:
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        return tuple(map(_job, rows))


def _wire(reason: str) -> dict[str, Any] | None:
    return {"reason": message_to_wire(reason)} if reason else None


def _text(stored: dict[str, Any] | None) -> str:
    text: str = "" if stored is None else message_from_wire(stored["reason"])
    return text


def _values(job: BulkJob) -> Values:
    actor, name = job.actor
    return {
        "action": action_to_json(job.action),
        "actor": actor,
        "actor_name": name,
        "created_at": job.at,
        "finished_at": job.finished_at,
        "status": job.status,
        "total": job.total,
        "done": job.done,
        "changed": job.changed,
        "failed": job.failed,
        "kept": job.kept,
        "episodes": job.episodes,
        "reason": _wire(job.reason),
        # The mark of a cancellation stays until the job is finished.
        **({"is_cancelled": False} if job.is_finished else {}),
    }


def _job(row: sa.RowMapping) -> BulkJob:
    return BulkJob(
        id=JobId(row["id"]),
        action=action_from_json(row["action"]),
        actor=(row["actor"], row["actor_name"]),
        at=row["created_at"],
        finished_at=row["finished_at"],
        status=JobStatus(row["status"]),
        total=row["total"],
        done=row["done"],
        changed=row["changed"],
        failed=row["failed"],
        kept=row["kept"],
        episodes=row["episodes"],
        reason=_text(row["reason"]),
        is_cancelled=row["is_cancelled"],
    )
