"""Sessions in SQLite."""

from collections.abc import Sequence
from datetime import datetime

import attrs
import sqlalchemy as sa

from aniworld_core.domain.access import Session
from aniworld_core.domain.identity import SessionId
from aniworld_core.errors import SessionNotFoundError
from aniworld_core.ports.sessions import SessionRepository
from aniworld_sqlite._dialects import Transactions
from aniworld_sqlite._repositories.rows import session_from_row, session_values
from aniworld_sqlite._schema import user_session as table


@attrs.define(eq=False)
class SqlSessionRepository(SessionRepository):
    """Sessions in the table `user_session`."""

    _database: Transactions

    async def add(self, session: Session) -> None:
        insert = sa.insert(table).values(session_values(session))
        await self._database.write(lambda connection: connection.execute(insert), always=True)

    async def get(self, session_id: SessionId) -> Session:
        query = sa.select(table).where(table.c.id == session_id)
        row = await self._database.read(lambda c: c.execute(query).mappings().one_or_none())
        if row is None:
            raise SessionNotFoundError(session_id)
        return session_from_row(row)

    async def revoke(self, session_id: SessionId, at: datetime) -> None:
        # A session that was already revoked keeps its first revocation time.
        update = (
            sa.update(table)
            .where(table.c.id == session_id)
            .values(revoked_at=sa.func.coalesce(table.c.revoked_at, _time(at)))
        )
        if not await self._database.write(lambda c: c.execute(update).rowcount, always=True):
            raise SessionNotFoundError(session_id)

    async def find(self, user: str, now: datetime) -> Sequence[Session]:
        query = (
            sa.select(table)
            .where(table.c.user == user, table.c.revoked_at.is_(None), table.c.expires_at > now)
            .order_by(table.c.created_at.desc(), table.c.id.desc())
        )
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        return tuple(session_from_row(row) for row in rows)

    async def revoke_all(
        self, at: datetime, *, keep: SessionId | None = None, user: str | None = None
    ) -> int:
        update = sa.update(table).where(table.c.revoked_at.is_(None)).values(revoked_at=at)
        if keep is not None:
            update = update.where(table.c.id != keep)
        if user is not None:
            update = update.where(table.c.user == user)
        return await self._database.write(lambda c: c.execute(update).rowcount, always=True)

    async def remove_expired(self, now: datetime) -> int:
        delete = sa.delete(table).where(table.c.expires_at <= now)
        return await self._database.write(lambda c: c.execute(delete).rowcount, always=True)


def _time(at: datetime) -> sa.BindParameter[datetime]:
    return sa.bindparam(None, at, type_=table.c.revoked_at.type)
