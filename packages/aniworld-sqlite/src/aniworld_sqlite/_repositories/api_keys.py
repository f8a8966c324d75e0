"""API keys in SQLite."""

from collections.abc import Sequence
from datetime import datetime

import attrs
import sqlalchemy as sa

from aniworld_core.domain.access import ApiKey
from aniworld_core.errors import ApiKeyNotFoundError
from aniworld_core.ports.api_keys import ApiKeyRepository
from aniworld_sqlite._dialects import Transactions
from aniworld_sqlite._repositories.rows import api_key_from_row, api_key_values
from aniworld_sqlite._schema import api_key as table


@attrs.define(eq=False)
class SqlApiKeyRepository(ApiKeyRepository):
    """API keys in the table `api_key`."""

    _database: Transactions

    async def add(self, key: ApiKey) -> None:
        insert = sa.insert(table).values(api_key_values(key))
        await self._database.write(lambda connection: connection.execute(insert), always=True)

    async def find(self) -> Sequence[ApiKey]:
        query = sa.select(table).order_by(table.c.created_at, table.c.id)
        return await self._database.read(lambda connection: _found(connection, query))

    async def with_digest(self, digest: str) -> ApiKey | None:
        query = sa.select(table).where(table.c.digest == digest)
        found = await self._database.read(lambda connection: _found(connection, query))
        return found[0] if found else None

    async def used(self, key_id: str, at: datetime) -> None:
        update = sa.update(table).where(table.c.id == key_id).values(last_used_at=at)
        await self._database.write(lambda c: c.execute(update), durable=False, always=True)

    async def remove_of(self, user: str) -> int:
        delete = sa.delete(table).where(table.c.user == user)
        return await self._database.write(lambda c: c.execute(delete).rowcount, always=True)

    async def remove(self, key_id: str) -> None:
        delete = sa.delete(table).where(table.c.id == key_id)
        if not await self._database.write(lambda c: c.execute(delete).rowcount, always=True):
            raise ApiKeyNotFoundError(key_id)


def _found(connection: sa.Connection, query: sa.Select[tuple[object, ...]]) -> tuple[ApiKey, ...]:
    return tuple(api_key_from_row(row) for row in connection.execute(query).mappings())
