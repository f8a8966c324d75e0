"""The processes of all machines, and which one of them leads."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import anyio
import anyio.to_thread
import attrs
import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from aniworld_core.domain.automation import Node, Role
from aniworld_core.domain.identity import WorkerId
from aniworld_core.ports.nodes import Leadership, NodeRegistry
from aniworld_postgres._database import Database, Location
from aniworld_postgres._errors import mapped_errors
from aniworld_postgres._shared import node_table

T = TypeVar("T")

logger: Final = logging.getLogger(__name__)

#: Entries of nodes that were killed are deleted after this time.
_KEPT: Final = timedelta(minutes=10)
_NOW: Final = sa.func.clock_timestamp(type_=sa.DateTime(timezone=True))


#: Key of the lock of the leader; any number that other programs do not use.
LEADER_LOCK: Final = 0x616E_696C  # "anil"
#: Seconds between two attempts to get the lead, and between two checks of it.
_EVERY: Final = 2.0
#: A connection of the leader that breaks is noticed by both sides within 7 s, also when its machine
#: disappears: then the server ends its session, which releases the lock.
_OPTIONS: Final = (
    "-c tcp_keepalives_idle=3 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3"
    " -c statement_timeout=5000 -c client_min_messages=warning"
)
_CONNECT_TIMEOUT: Final = 5
_USER_TIMEOUT_MS: Final = 4_000


@attrs.define(eq=False)
class PostgresNodeRegistry(NodeRegistry):
    """Nodes in the table `node`."""

    _database: Database

    async def announce(self, node: Node) -> None:
        values = {
            "host": node.host,
            "version": node.version,
            "roles": " ".join(sorted(node.roles)),
            "slots": node.slots,
            "is_leader": node.is_leader,
            "seen_at": _NOW,
        }
        upsert = insert(node_table).values(id=node.id, started_at=_NOW, **values)
        upsert = upsert.on_conflict_do_update(index_elements=["id"], set_=values)
        old = sa.delete(node_table).where(node_table.c.seen_at < _NOW - _KEPT)

        def work(connection: sa.Connection) -> None:
            connection.execute(old)
            connection.execute(upsert)

        await self._database.write(work, durable=False)

    async def withdraw(self, node: WorkerId) -> None:
        delete = sa.delete(node_table).where(node_table.c.id == node)
        await self._database.write(lambda c: c.execute(delete), durable=False)

    async def find(self, lease: timedelta) -> Sequence[Node]:
        query = (
            sa.select(node_table)
            .where(node_table.c.seen_at >= _NOW - lease)
            .order_by(node_table.c.host, node_table.c.started_at, node_table.c.id)
        )
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        return tuple(
            Node(
                id=WorkerId(row["id"]),
                host=row["host"],
                version=row["version"],
                roles=frozenset(map(Role, row["roles"].split())),
                started_at=_utc(row["started_at"]),
                seen_at=_utc(row["seen_at"]),
                is_leader=row["is_leader"],
                slots=row["slots"],
            )
            for row in rows
        )


def _utc(time: datetime) -> datetime:
    return time.astimezone(UTC)


@attrs.define(eq=False)
class PostgresLeadership(Leadership):
    """The process whose session holds a lock of the server leads."""

    _location: Location

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        place = str(self._location)
        while True:
            async with self._session() as session:
                while not await _in_thread(place, lambda: _try_lock(session)):  # noqa: ASYNC110 - the server tells nobody
                    await anyio.sleep(_EVERY)
                logger.info("this process does the scheduled work now")
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._watch, session, tasks.cancel_scope)
                    await work()
                    tasks.cancel_scope.cancel()
                logger.warning("another process may do the scheduled work: the connection broke")

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[psycopg.Connection]:
        session = await _in_thread(str(self._location), self._connect)
        try:
            yield session
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(session.close)

    def _connect(self) -> psycopg.Connection:
        url = self._location.url.set(drivername="postgresql")
        return psycopg.connect(
            url.render_as_string(hide_password=False),
            autocommit=True,
            connect_timeout=_CONNECT_TIMEOUT,
            options=_OPTIONS,
            application_name="aniworld leader",
            tcp_user_timeout=_USER_TIMEOUT_MS,
        )

    async def _watch(self, session: psycopg.Connection, work: anyio.CancelScope) -> None:
        """Cancel the work when the session has ended, and with it the lock."""
        while True:
            await anyio.sleep(_EVERY)
            try:
                await anyio.to_thread.run_sync(session.execute, b"SELECT 1")
            except psycopg.Error:
                work.cancel()
                return


def _try_lock(session: psycopg.Connection) -> bool:
    row = session.execute(b"SELECT pg_try_advisory_lock(%s)", (LEADER_LOCK,)).fetchone()
    return bool(row and row[0])


async def _in_thread(place: str, work: Callable[[], T]) -> T:
    def mapped() -> T:
        with mapped_errors(place):
            return work()

    return await anyio.to_thread.run_sync(mapped)
